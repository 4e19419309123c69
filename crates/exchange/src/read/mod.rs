//! Reading tables from CSV and XLSX files row by row, in bounded memory, whatever the file says of
//! itself.

mod csv_file;
mod lines;
mod meter;
mod number_format;
mod xlsx_file;
mod xlsx_parts;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use crm_core::{Error, Result};

use csv_file::CsvFile;
use xlsx_file::XlsxFile;

/// The most bytes of one record of CSV or one element of XML.
const PIECE_MAX: u64 = 1 << 20;
/// The most columns of a table.
const COLUMNS_MAX: usize = 512;
/// The field that is at fault when the file is.
const FIELD: &str = "file";

/// How the text of a CSV file is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 where the whole file is that, else GBK; a byte order mark settles it, that of UTF-16 too.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GBK, and what GB 18030 adds to it.
    Gbk,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Its text; numbers and times in the spelling the API takes.
    Text(String),
    /// It cannot be read: what it shows, and why.
    Bad(String, &'static str),
}

impl Cell {
    /// What a person sees in it.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Bad(text, _) => text,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it stands: the line of a CSV file, the row of a sheet, both from 1.
    pub(crate) line: u64,
    /// Its cells; those after the last are empty.
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| matches!(cell, Cell::Text(text) if text.is_empty()))
    }
}

/// A table that is read row by row.
pub(crate) enum Table {
    Csv(Box<CsvFile>),
    Xlsx(Box<XlsxFile>),
}

impl Table {
    /// Opens a file; what it is is told by its first bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `file` for what is neither.
    pub(crate) fn open(mut file: File, encoding: Encoding) -> Result<Self> {
        let mut head = [0; 8];
        let mut read = 0;
        while let Some(rest) = head.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(Error::internal)? {
                0 => break,
                more => read += more,
            }
        }
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        if head.starts_with(b"PK\x03\x04") {
            Ok(Self::Xlsx(Box::new(XlsxFile::open(file)?)))
        } else if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            Err(bad("不支持xls格式或加密的文件,请另存为xlsx或csv"))
        } else {
            Ok(Self::Csv(Box::new(CsvFile::open(file, encoding)?)))
        }
    }

    /// The next row that is not blank.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `file` where it cannot be read on.
    pub(crate) fn next(&mut self) -> Result<Option<Row>> {
        loop {
            let row = match self {
                Self::Csv(file) => file.next()?,
                Self::Xlsx(file) => file.next()?,
            };
            match row {
                Some(row) if row.is_blank() => {}
                row => return Ok(row),
            }
        }
    }
}

/// The file is at fault.
fn bad(message: impl Into<String>) -> Error {
    Error::invalid(FIELD, message)
}

/// The file is at fault where it could not be read on.
fn bad_at(line: u64, error: &(dyn std::error::Error + 'static)) -> Error {
    failed(error, |reason| format!("第{line}行附近:{reason}"))
}

/// The file is at fault, unless it is only that time is up.
fn failed(error: &(dyn std::error::Error + 'static), told: impl FnOnce(&str) -> String) -> Error {
    reason(error).map_or(Error::Unavailable, |reason| bad(told(reason)))
}

/// What is wrong with the file; `None`: nothing, but time is up.
fn reason(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(over) = inner::<meter::Over>(error) {
            return match over {
                meter::Over::Piece => Some("一行或一个单元格超过1MiB,可能有引号不成对"),
                meter::Over::Whole => Some("解压后的内容过大"),
                meter::Over::Late => None,
            };
        }
        if inner::<csv_file::NotText>(error).is_some() {
            return Some("编码错误,应为UTF-8或GBK");
        }
        next = error.source();
    }
    Some("文件已损坏")
}

/// The error itself, or what an I/O error wraps: its `source` skips that.
fn inner<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    let io = error.downcast_ref::<std::io::Error>()?;
    io.get_ref()?.downcast_ref::<E>()
}
