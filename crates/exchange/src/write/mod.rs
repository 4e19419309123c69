//! Writing tables as CSV and XLSX row by row, in constant memory, to a place that cannot be rewound.

mod xlsx_sheet;

use std::io::Write;

use crm_core::{Error, Result};
use encoding_rs::GB18030;

use crate::guard::guarded;
use xlsx_sheet::XlsxSheet;

/// The most rows of a sheet, its header among them.
pub(crate) const SHEET_ROWS_MAX: i64 = 1 << 20;

/// What kind of file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// CSV in UTF-8 with a byte order mark, by which spreadsheets know it.
    #[default]
    Csv,
    /// CSV in GB 18030: GBK, and four bytes for each character GBK lacks, so that none is lost.
    CsvGbk,
    /// XLSX.
    Xlsx,
}

impl Format {
    /// What comes after the point of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::CsvGbk => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::CsvGbk => "text/csv; charset=gb18030",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The word for it in the audit trail.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGbk => "csv (gbk)",
            Self::Xlsx => "xlsx",
        }
    }
}

/// One cell to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Out {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A decimal number, which a sheet may add up.
    Number(String),
}

impl Out {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// A table that is written row by row.
pub(crate) enum Writer<W: Write> {
    Csv { out: W, format: Format },
    Xlsx(Box<XlsxSheet<W>>),
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(mut out: W, format: Format) -> Result<Self> {
        Ok(match format {
            Format::Xlsx => Self::Xlsx(Box::new(XlsxSheet::start(out).map_err(Error::internal)?)),
            Format::Csv | Format::CsvGbk => {
                if format == Format::Csv {
                    out.write_all(b"\xef\xbb\xbf").map_err(Error::internal)?;
                }
                Self::Csv { out, format }
            }
        })
    }

    pub(crate) fn row(&mut self, cells: &[Out]) -> Result<()> {
        match self {
            Self::Csv { out, format } => csv_row(out, *format, cells),
            Self::Xlsx(sheet) => sheet.row(cells).map_err(Error::internal),
        }
    }

    /// Ends the file; without it an XLSX file cannot be opened.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Csv { mut out, .. } => out.flush().map_err(Error::internal),
            Self::Xlsx(sheet) => sheet.finish().map_err(Error::internal),
        }
    }
}

/// Every cell is quoted: what a program takes for a separator besides the comma differs by country.
fn csv_row(out: &mut impl Write, format: Format, cells: &[Out]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let texts = cells.iter().map(|cell| guarded(cell.text()));
    writer.write_record(texts.map(|text| text.into_owned())).map_err(Error::internal)?;
    let line = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    if format == Format::Csv {
        return out.write_all(&line).map_err(Error::internal);
    }
    let line = String::from_utf8(line).map_err(Error::internal)?;
    out.write_all(&GB18030.encode(&line).0).map_err(Error::internal)
}
