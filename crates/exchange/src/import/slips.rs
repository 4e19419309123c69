//! The file of errors: the rows that were not written, as they stand, and why.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};

use crm_core::{Error, Result};

use crate::Format;
use crate::read::Row;
use crate::subject::ERROR;
use crate::write::{Out, Writer};

/// A file of errors, made when there is the first.
pub(super) struct Slips {
    titles: Vec<String>,
    /// How many columns of the file there are beside what was wrong with it before.
    width: usize,
    writer: Option<(Writer<BufWriter<File>>, File)>,
}

impl Slips {
    /// For a file with these titles; `errors` is where that of a file of errors that was put right only
    /// in part says what was wrong.
    pub(super) fn new(titles: Vec<String>, errors: Option<usize>) -> Self {
        let width = errors.unwrap_or(titles.len());
        Self { titles, width, writer: None }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is no room for it.
    pub(super) fn add(&mut self, row: &Row, why: &str) -> Result<()> {
        self.try_add(row, why).map_err(no_room)
    }

    fn try_add(&mut self, row: &Row, why: &str) -> Result<()> {
        let mut cells: Vec<Out> = row.cells.iter().map(|cell| Out::Text(cell.shown().to_owned())).collect();
        cells.resize(self.width, Out::Empty);
        cells.push(Out::Text(why.to_owned()));
        if self.writer.is_none() {
            let file = tempfile::tempfile().map_err(Error::internal)?;
            let kept = file.try_clone().map_err(Error::internal)?;
            let mut writer = Writer::new(BufWriter::new(file), Format::Csv)?;
            let titles = self.titles.iter().take(self.width).cloned().chain([ERROR.to_owned()]);
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
        writer.finish().map_err(no_room)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal).map_err(no_room)?;
        Ok(Some(file))
    }
}

/// Nothing goes wrong with this file but the disk it is on, which passes.
fn no_room(_: Error) -> Error {
    Error::Unavailable
}
