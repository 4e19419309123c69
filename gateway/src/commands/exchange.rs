//! `import` and `export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use crm_contracts::ContractFilter;
use crm_core::{Caller, Zone};
use crm_customers::{CustomerFilter, Customers, OrganizationFilter};
use crm_exchange::{
    ContractTable, CustomerTable, Encoding, Exchange, Export, Format, Headers, ImportOptions, Mode, OnError,
    OrganizationTable, Report, Subject,
};
use crm_staff::directory;

use super::exit::Wrong;
use super::progress::Shown;
use super::{Database, say};
use crate::settings::parse_zone;

/// A kind of record.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Organizations,
    Customers,
    Contracts,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ModeName {
    Add,
    Update,
    Both,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    Csv,
    Gbk,
    Xlsx,
}

/// Which records, for whom.
#[derive(Args, Debug)]
struct Of {
    #[command(flatten)]
    database: Database,
    /// What to import or export
    what: What,
    /// The file; what kind it is tells its content, or for an export the end of its name
    file: PathBuf,
    /// The phone number of the person for whom it is done, with that person's rights; by default the first administrator
    #[arg(long = "as")]
    as_phone: Option<String>,
    /// The time zone of times in the file, an IANA name
    #[arg(long = "crm-timezone", visible_alias = "timezone", env = "CRM_TIMEZONE", default_value = "Asia/Shanghai", value_parser = parse_zone)]
    timezone: Zone,
}

/// `import`.
#[derive(Args, Debug)]
pub struct Import {
    #[command(flatten)]
    of: Of,
    /// Whether rows add records, change those their key names, or either
    #[arg(long, value_enum, default_value = "add")]
    mode: ModeName,
    /// The column that names the record a row is about, such as id, 手机号 or code
    #[arg(long)]
    key: Option<String>,
    /// Leave out wrong rows; without it one wrong row stops everything, and nothing is written
    #[arg(long)]
    skip: bool,
    /// Check everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Let empty cells clear their fields
    #[arg(long)]
    clear_empty: bool,
    /// Enter organizations that are named and missing
    #[arg(long)]
    create_missing: bool,
    /// The encoding of a CSV file is GBK, whatever it looks like
    #[arg(long)]
    gbk: bool,
    /// A column of the file and the field it stands for: 姓名=realName
    #[arg(long = "column", value_parser = parse_column)]
    columns: Vec<(String, String)>,
    /// Where to write the rows that were not imported, and why
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Whether a customer entered by staff waits for an administrator
    #[arg(long = "crm-customer-approval", env = "CRM_CUSTOMER_APPROVAL", default_value_t = false, action = clap::ArgAction::Set)]
    customer_approval: bool,
    /// Overwrite the file of --errors
    #[arg(long)]
    force: bool,
}

/// `export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    of: Of,
    /// The kind of file; by default what the end of its name says
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Head the columns with the names of the API
    #[arg(long)]
    api_headers: bool,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

fn parse_column(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.split_once('=').ok_or_else(|| format!("{text} is not column=field"))?;
    Ok((from.to_owned(), to.to_owned()))
}

impl Of {
    /// The file to import.
    fn readable(&self) -> anyhow::Result<File> {
        let shown = self.file.display();
        let file = File::open(&self.file).map_err(|error| Wrong(format!("{shown}: {error}")))?;
        match file.metadata() {
            Ok(about) if about.is_file() => Ok(file),
            _ => bail!(Wrong(format!("{shown} is no file"))),
        }
    }

    fn open(&self, doing: &'static str, needs_approval: bool) -> anyhow::Result<(Exchange, Caller)> {
        let db = self.database.open()?;
        let caller = directory::caller(&db, self.as_phone.as_deref()).context("--as: there is no such person")?;
        let shown = Mutex::new(Shown::new());
        let exchange = Exchange::new(&db, self.timezone)
            .with_customers(Customers::new(&db).with_approval(needs_approval))
            .watched_by(move |done, of| {
                if let Ok(mut shown) = shown.lock() {
                    shown.rows(doing, done, of);
                }
            });
        Ok((exchange, caller))
    }
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let options = ImportOptions {
            mode: match self.mode {
                ModeName::Add => Mode::Add,
                ModeName::Update => Mode::Update,
                ModeName::Both => Mode::Both,
            },
            key: self.key.clone(),
            on_error: if self.skip { OnError::Skip } else { OnError::Stop },
            dry_run: self.dry_run,
            clear_empty: self.clear_empty,
            create_missing: self.create_missing,
            encoding: if self.gbk { Encoding::Gbk } else { Encoding::Auto },
            columns: self.columns.clone(),
            ..ImportOptions::default()
        };
        let file = self.of.readable()?;
        check_free(self.errors.as_deref(), self.force)?;
        let (exchange, caller) = self.of.open("importing", self.customer_approval)?;
        let report = match self.of.what {
            What::Organizations => exchange.import::<OrganizationTable>(&caller, file, &options),
            What::Customers => exchange.import::<CustomerTable>(&caller, file, &options),
            What::Contracts => exchange.import::<ContractTable>(&caller, file, &options),
        }?;
        drop(exchange);
        self.tell(report)
    }

    fn tell(&self, report: Report) -> anyhow::Result<()> {
        for error in &report.errors {
            say(&format!("row {}: {} {}", error.line, error.field, error.message));
        }
        for (name, columns) in [("unknown", &report.unknown_columns), ("ignored", &report.ignored_columns)] {
            if !columns.is_empty() {
                say(&format!("{name} columns: {}", columns.join(", ")));
            }
        }
        if let (Some(path), Some(mut file)) = (&self.errors, report.error_file) {
            store(path, self.force, |to| Ok(std::io::copy(&mut file, to).map(drop)?))?;
        }
        let done = if self.dry_run { "would be" } else { "were" };
        say(&format!(
            "{} rows: {} {done} added, {} changed, {} are wrong; {} organizations {done} added",
            report.rows, report.added, report.updated, report.failed, report.organizations_added
        ));
        if report.failed > 0 && !self.skip {
            let outcome = if self.dry_run { "would be" } else { "was" };
            bail!("{} rows are wrong: nothing {outcome} imported", report.failed);
        }
        Ok(())
    }
}

impl ExportArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let format = self.format()?;
        let rows = match self.of.what {
            What::Organizations => self.write(format, Export::<OrganizationTable>::new(OrganizationFilter::default())),
            What::Customers => self.write(format, Export::<CustomerTable>::new(CustomerFilter::default())),
            What::Contracts => self.write(format, Export::<ContractTable>::new(ContractFilter::default())),
        }?;
        say(&format!("{rows} rows were exported"));
        Ok(())
    }

    fn write<S: Subject>(&self, format: Format, export: Export<S>) -> anyhow::Result<i64> {
        let export = Export { format, headers: self.headers(), ..export };
        check_free(Some(&self.of.file), self.force)?;
        let (exchange, caller) = self.of.open("exporting", false)?;
        let begun = exchange.export(&caller, export)?;
        drop(exchange);
        store(&self.of.file, self.force, |out| Ok(begun.run(out)?))
    }

    fn headers(&self) -> Headers {
        if self.api_headers { Headers::Api } else { Headers::Chinese }
    }

    fn format(&self) -> anyhow::Result<Format> {
        let ends = |end: &str| self.of.file.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
        Ok(match self.format {
            Some(FormatName::Xlsx) => Format::Xlsx,
            Some(FormatName::Gbk) => Format::CsvGbk,
            Some(FormatName::Csv) => Format::Csv,
            None if ends("xlsx") => Format::Xlsx,
            None if ends("csv") => Format::Csv,
            None => {
                bail!(Wrong(format!("{}: neither .csv nor .xlsx; --format says what it is", self.of.file.display())))
            }
        })
    }
}

/// Refuses a file that is there before anything is done.
fn check_free(path: Option<&Path>, force: bool) -> anyhow::Result<()> {
    match path.filter(|path| !force && path.exists()) {
        Some(path) => bail!("{} exists; --force overwrites it", path.display()),
        None => Ok(()),
    }
}

/// Writes a file of people's data: readable by oneself alone, and under its name only when it is whole.
fn store<T>(path: &Path, force: bool, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).with_context(|| path.display().to_string())?;
    let mut out = BufWriter::new(file);
    let written = write(&mut out)?;
    let file = out.into_inner().map_err(|error| error.into_error())?;
    file.as_file().sync_all()?;
    let stored = if force { file.persist(path) } else { file.persist_noclobber(path) };
    stored.with_context(|| path.display().to_string())?;
    Ok(written)
}
