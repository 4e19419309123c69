//! On which line a record of a CSV file stands, as an editor counts them: the reader of records counts
//! line feeds alone, and before it has passed the one of a CR LF or those of blank lines.

use std::collections::VecDeque;
use std::io::Read;

/// Reads on, and knows where lines end: at a line feed, a carriage return, or both.
#[derive(Debug)]
pub(super) struct Lines<R> {
    inner: R,
    /// How many bytes were read.
    read: u64,
    /// Where the line ends start and end that no record has passed yet.
    ends: VecDeque<(u64, u64)>,
    /// How many line ends records have passed.
    passed: u64,
    after_cr: bool,
}

impl<R> Lines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, read: 0, ends: VecDeque::new(), passed: 0, after_cr: false }
    }

    /// The line, from 1, of the record that was read from this byte on; line ends before its first
    /// character are no part of it. Records are asked for in their order.
    pub(super) fn line_of(&mut self, from: u64) -> u64 {
        let mut place = from;
        while let Some((_, end)) = self.ends.front().filter(|(start, _)| *start <= place) {
            place = place.max(*end);
            self.passed += 1;
            self.ends.pop_front();
        }
        self.passed + 1
    }

    fn note(&mut self, byte: u8) {
        let start = self.read;
        self.read += 1;
        match byte {
            b'\n' if self.after_cr => {
                if let Some(last) = self.ends.back_mut() {
                    last.1 = self.read;
                }
            }
            b'\r' | b'\n' => self.ends.push_back((start, self.read)),
            _ => {}
        }
        self.after_cr = byte == b'\r';
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        for byte in into.iter().take(read) {
            self.note(*byte);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_wherever_the_pieces_end_in_which_a_file_is_read() {
        let text = "a,b\r\n\r\n\"x\r\ny\",c\rd,\"\n\"\r\n\n\re,f\r\n";
        for piece in 1..text.len() {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .buffer_capacity(piece)
                .from_reader(Lines::new(text.as_bytes()));
            let mut record = csv::StringRecord::new();
            let mut lines = Vec::new();
            while reader.read_record(&mut record).expect("it is read") {
                let from = record.position().expect("a place").byte();
                lines.push(reader.get_mut().line_of(from));
            }
            assert_eq!(lines, [1, 3, 5, 9], "{piece}");
        }
    }
}
