//! XLSX: the rows of the first visible sheet.
//!
//! Read here and not by a library for spreadsheets: those believe what the file says of itself (a
//! number of texts to make room for, the extent of a sheet), and a file somebody uploads may lie.

use std::fs::File;

use crm_core::Result;
use quick_xml::events::{BytesStart, Event};

use super::number_format::{moment, number};
use super::xlsx_parts::{Parts, RichText, Texts, Xml, append, attribute, broken, broken_by};
use super::{COLUMNS_MAX, Cell, Row, bad};

/// The most rows of a sheet.
const ROWS_MAX: u64 = 1 << 20;

/// A sheet that is read row by row.
pub(crate) struct XlsxFile {
    xml: Xml,
    texts: Texts,
    dates: Vec<bool>,
    from_1904: bool,
    line: u64,
    is_over: bool,
}

/// A cell as its tag announces it.
struct Announced {
    column: usize,
    kind: String,
    is_date: bool,
}

impl XlsxFile {
    pub(super) fn open(file: File) -> Result<Self> {
        let mut parts = Parts::open(file)?;
        let workbook = parts.workbook()?;
        let dates = parts.date_formats()?;
        let texts = parts.texts()?;
        let xml = parts.sheet(&workbook.sheet)?;
        Ok(Self { xml, texts, dates, from_1904: workbook.from_1904, line: 0, is_over: false })
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        while !self.is_over {
            match self.xml.next().map_err(|error| broken_by(&error))? {
                Event::Start(tag) if tag.local_name().as_ref() == "row" => {
                    self.line = line_of(&tag, self.line)?;
                    return self.row().map(Some);
                }
                Event::Empty(tag) if tag.local_name().as_ref() == "row" => self.line = line_of(&tag, self.line)?,
                Event::End(tag) if tag.local_name().as_ref() == "sheetData" => self.is_over = true,
                Event::Empty(tag) if tag.local_name().as_ref() == "sheetData" => self.is_over = true,
                Event::Eof => return Err(broken()),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The cells up to the end of the row.
    fn row(&mut self) -> Result<Row> {
        let mut cells: Vec<Cell> = Vec::new();
        let mut size = 0usize;
        loop {
            let announced = match self.xml.next().map_err(|error| broken_by(&error))? {
                Event::Start(tag) if tag.local_name().as_ref() == "c" => announce(&tag, cells.len(), &self.dates)?,
                // A cell without a value.
                Event::Empty(tag) if tag.local_name().as_ref() == "c" => {
                    let column = announce(&tag, cells.len(), &self.dates)?.column;
                    pad(&mut cells, column + 1);
                    continue;
                }
                Event::End(tag) if tag.local_name().as_ref() == "row" => return Ok(Row { line: self.line, cells }),
                Event::Eof => return Err(broken()),
                _ => continue,
            };
            let cell = self.cell(&announced)?;
            size += cell.shown().len();
            if size > 4 << 20 {
                return Err(bad(format!("第{}行超过4MiB", self.line)));
            }
            pad(&mut cells, announced.column);
            match cells.get_mut(announced.column) {
                Some(place) => *place = cell,
                None => cells.push(cell),
            }
        }
    }

    /// One cell, up to its end.
    fn cell(&mut self, announced: &Announced) -> Result<Cell> {
        let mut value = String::new();
        let mut inline = RichText::default();
        let (mut in_value, mut in_inline) = (false, false);
        loop {
            let event = self.xml.next().map_err(|error| broken_by(&error))?;
            match &event {
                Event::Start(tag) if tag.local_name().as_ref() == "v" => in_value = true,
                Event::End(tag) if tag.local_name().as_ref() == "v" => in_value = false,
                Event::Start(tag) if tag.local_name().as_ref() == "is" => in_inline = true,
                Event::End(tag) if tag.local_name().as_ref() == "is" => in_inline = false,
                Event::End(tag) if tag.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(broken()),
                event if in_value => append(&mut value, event)?,
                event if in_inline => inline.read(event)?,
                _ => {}
            }
            if value.len() > 1 << 20 {
                return Err(bad(format!("第{}行有单元格超过1MiB", self.line)));
            }
        }
        Ok(match announced.kind.as_str() {
            "s" => {
                let index = value.trim().parse().map_err(|_| broken())?;
                plain(self.texts.get(index).ok_or_else(broken)?)
            }
            "inlineStr" => plain(&inline.take()),
            "str" => plain(&value),
            "b" => Cell::Text(if value.trim() == "1" { "1" } else { "0" }.to_owned()),
            "e" => Cell::Bad(value, "单元格的公式有错误"),
            // ISO 8601, as some programs write dates.
            "d" => Cell::Text(value.trim().trim_end_matches('Z').replacen('T', " ", 1)),
            _ if value.trim().is_empty() => Cell::Text(String::new()),
            _ => match value.trim().parse::<f64>() {
                Ok(number) if announced.is_date => moment(number, self.from_1904),
                Ok(value) => number(value),
                Err(_) => return Err(broken()),
            },
        })
    }
}

/// A text, which nothing was to be kept from running in; but files that went through CSV have guards.
fn plain(text: &str) -> Cell {
    Cell::Text(crate::guard::unguarded(text).to_owned())
}

fn pad(cells: &mut Vec<Cell>, length: usize) {
    if cells.len() < length {
        cells.resize(length, Cell::Text(String::new()));
    }
}

/// The number of a row: said, or the next.
fn line_of(tag: &BytesStart<'_>, before: u64) -> Result<u64> {
    let line = match attribute(tag, "r") {
        Some(text) => text.parse().map_err(|_| broken())?,
        None => before + 1,
    };
    if line > before && line <= ROWS_MAX { Ok(line) } else { Err(broken()) }
}

fn announce(tag: &BytesStart<'_>, next: usize, dates: &[bool]) -> Result<Announced> {
    let column = match attribute(tag, "r") {
        Some(place) => column_of(&place).ok_or_else(broken)?,
        None => next,
    };
    if column >= COLUMNS_MAX {
        return Err(bad(format!("超过{COLUMNS_MAX}列")));
    }
    let style = attribute(tag, "s").and_then(|style| style.parse::<usize>().ok()).unwrap_or_default();
    Ok(Announced {
        column,
        kind: attribute(tag, "t").unwrap_or_default(),
        is_date: dates.get(style).copied().unwrap_or_default(),
    })
}

/// `C7` is in column 2.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0usize;
    for letter in letters {
        column = column.checked_mul(26)?.checked_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    column.checked_sub(1)
}
