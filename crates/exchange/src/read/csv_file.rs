//! CSV: comma, semicolon or tab between cells, quotes as RFC 4180 has them, UTF-8, UTF-16 or GBK.

use std::fs::File;
use std::io::{BufReader, Error as IoError, ErrorKind, Read, Seek, SeekFrom};

use crm_core::{Error, Result};
use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};

use super::lines::Lines;
use super::meter::{Mark, Meter, in_time};
use super::{COLUMNS_MAX, Cell, Encoding, PIECE_MAX, Row, bad, bad_at};
use crate::guard::unguarded;

const CHUNK: usize = 64 << 10;

/// A CSV file that is read row by row.
pub(crate) struct CsvFile {
    reader: csv::Reader<Lines<Meter<Decoded>>>,
    mark: Mark,
    record: csv::StringRecord,
    line: u64,
}

/// The bytes are no text of the encoding.
#[derive(Debug, thiserror::Error)]
#[error("not text of this encoding")]
pub(super) struct NotText;

impl CsvFile {
    pub(super) fn open(mut file: File, encoding: Encoding) -> Result<Self> {
        let encoding = find_encoding(&mut file, encoding)?;
        if survey(&mut file, encoding)? {
            return Err(bad("引号不成对:含引号的单元格应以引号括起,其中的引号应写两次"));
        }
        let delimiter = find_delimiter(&mut file, encoding)?;
        let (meter, mark) = Meter::new(Decoded::new(rewound(file)?, encoding), PIECE_MAX, u64::MAX);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Lines::new(meter));
        Ok(Self { reader, mark, record: csv::StringRecord::new(), line: 1 })
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        self.mark.reset();
        let found = self.reader.read_record(&mut self.record).map_err(|error| match error.kind() {
            csv::ErrorKind::Io(io) => bad_at(self.line, io),
            _ => bad_at(self.line, &error),
        })?;
        if !found {
            return Ok(None);
        }
        let from = self.record.position().map(csv::Position::byte).unwrap_or_default();
        self.line = self.reader.get_mut().line_of(from);
        if self.record.len() > COLUMNS_MAX {
            return Err(bad(format!("第{}行超过{COLUMNS_MAX}列", self.line)));
        }
        let cells = self.record.iter().map(|text| Cell::Text(unguarded(text).to_owned())).collect();
        Ok(Some(Row { line: self.line, cells }))
    }
}

fn rewound(mut file: File) -> Result<BufReader<File>> {
    file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    Ok(BufReader::with_capacity(CHUNK, file))
}

/// A byte order mark settles it; else the whole file is read to see whether it is UTF-8.
fn find_encoding(file: &mut File, wanted: Encoding) -> Result<&'static encoding_rs::Encoding> {
    let mut head = Vec::new();
    Read::by_ref(file).take(3).read_to_end(&mut head).map_err(Error::internal)?;
    match (encoding_rs::Encoding::for_bom(&head), wanted) {
        (Some((found, _)), _) => return Ok(found),
        (None, Encoding::Utf8) => return Ok(UTF_8),
        (None, Encoding::Gbk) => return Ok(GB18030),
        (None, Encoding::Auto) => {}
    }
    let mut decoded = Decoded::new(rewound(file.try_clone().map_err(Error::internal)?)?, UTF_8);
    match std::io::copy(&mut decoded, &mut std::io::sink()) {
        Ok(_) => Ok(UTF_8),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(GB18030),
        Err(error) if error.kind() == ErrorKind::TimedOut => Err(Error::Unavailable),
        Err(error) => Err(Error::internal(error)),
    }
}

/// Whether a quote is left open: their number is odd. The rest of the file would else be one cell.
fn survey(file: &mut File, encoding: &'static encoding_rs::Encoding) -> Result<bool> {
    let mut decoded = Decoded::new(rewound(file.try_clone().map_err(Error::internal)?)?, encoding);
    let (mut odd, mut line) = (false, 1u64);
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = decoded.read(&mut buffer).map_err(|error| bad_at(line, &error))?;
        if read == 0 {
            return Ok(odd);
        }
        for byte in buffer.iter().take(read) {
            odd ^= *byte == b'"';
            line += u64::from(*byte == b'\n');
        }
    }
}

/// What separates the cells of the first line that is not blank: the first of comma, tab and semicolon
/// that is in it outside quotes. Some spreadsheets write semicolons, as their country's comma is a point.
fn find_delimiter(file: &mut File, encoding: &'static encoding_rs::Encoding) -> Result<u8> {
    let decoded = Decoded::new(rewound(file.try_clone().map_err(Error::internal)?)?, encoding);
    let mut head = Vec::new();
    decoded.take(CHUNK.try_into().unwrap_or(u64::MAX)).read_to_end(&mut head).map_err(|error| bad_at(1, &error))?;
    let (mut bare, mut quoted) = (Vec::new(), false);
    for byte in head {
        match byte {
            b'"' => {
                quoted = !quoted;
                bare.push(byte);
            }
            _ if quoted => {}
            b'\n' | b'\r' if bare.is_empty() => {}
            b'\n' | b'\r' => break,
            other => bare.push(other),
        }
    }
    Ok([b',', b'\t', b';'].into_iter().find(|delimiter| bare.contains(delimiter)).unwrap_or(b','))
}

/// The text of a file as UTF-8, without its byte order mark.
struct Decoded {
    file: BufReader<File>,
    decoder: Decoder,
    bytes: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Decoded {
    fn new(file: BufReader<File>, encoding: &'static encoding_rs::Encoding) -> Self {
        Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; CHUNK],
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    /// Decodes the next piece of the file.
    fn refill(&mut self) -> std::io::Result<()> {
        in_time()?;
        let read = self.file.read(&mut self.bytes)?;
        self.ended = read == 0;
        let source = self.bytes.get(..read).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length_without_replacement(read).unwrap_or(CHUNK * 4);
        let mut text = String::with_capacity(room);
        let (result, _) = self.decoder.decode_to_string_without_replacement(source, &mut text, self.ended);
        match result {
            DecoderResult::InputEmpty => {}
            // There is room for all of it.
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                return Err(IoError::new(ErrorKind::InvalidData, NotText));
            }
        }
        (self.text, self.given) = (text.into_bytes(), 0);
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.given >= self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(into), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
            into.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
