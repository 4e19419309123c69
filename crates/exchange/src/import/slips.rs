//! The file of errors: the rows that were not written, as they stand, and why.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use crm_core::{Error, Result};

use super::header::ERROR;
use crate::Format;
use crate::read::Row;
use crate::write::{Out, Writer};

/// A file of errors, made when there is the first.
pub(super) struct Slips {
    titles: Vec<String>,
    writer: Option<(Writer<BufWriter<File>>, File)>,
}

impl Slips {
    pub(super) fn new(titles: Vec<String>) -> Self {
        Self { titles, writer: None }
    }

    pub(super) fn add(&mut self, row: &Row, why: &str) -> Result<()> {
        let mut cells: Vec<Out> = row.cells.iter().map(|cell| Out::Text(cell.shown().to_owned())).collect();
        // The last column of a file of errors that was put right only in part.
        let width = self.titles.iter().position(|title| title == ERROR).unwrap_or(self.titles.len());
        cells.resize(width.max(cells.len().min(width)), Out::Empty);
        cells.push(Out::Text(why.to_owned()));
        if self.writer.is_none() {
            let file = tempfile::tempfile().map_err(Error::internal)?;
            let kept = file.try_clone().map_err(Error::internal)?;
            let mut writer = Writer::new(BufWriter::new(file), Format::Csv)?;
            let titles = self.titles.iter().take(width).cloned().chain([ERROR.to_owned()]);
            writer.row(&titles.map(Out::Text).collect::<Vec<_>>())?;
            self.writer = Some((writer, kept));
        }
        match &mut self.writer {
            Some((writer, _)) => writer.row(&cells),
            None => Ok(()),
        }
    }

    /// The file from its beginning, if there is one.
    pub(super) fn finish(self) -> Result<Option<File>> {
        let Some((writer, mut file)) = self.writer else { return Ok(None) };
        writer.finish()?;
        file.flush().map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(Some(file))
    }
}
