//! The parts of an XLSX file around its sheet: which sheet there is, its shared texts and its formats.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use crm_core::{Error, Result};
use flate2::read::DeflateDecoder;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::{CompressionMethod, ZipArchive};

use super::meter::{Mark, Meter};
use super::number_format::{is_date_code, is_date_id};
use super::{PIECE_MAX, bad};

/// How far one part may unfold.
const SHEET_MAX: u64 = 1 << 30;
const TEXTS_MAX: u64 = 128 << 20;
const OTHER_MAX: u64 = 8 << 20;
/// The most bytes of the shared texts themselves.
const ARENA_MAX: usize = 64 << 20;
/// The most formats of cells: spreadsheets allow 65,490.
const FORMATS_MAX: usize = 1 << 16;
/// The most parts of an archive.
const PARTS_MAX: usize = 10_000;

/// A part that is read on its own, without holding on to the archive.
type Stream = BufReader<Meter<Box<dyn Read>>>;

/// The XML of one part, event by event.
pub(super) struct Xml {
    reader: Reader<Stream>,
    mark: Mark,
    buffer: Vec<u8>,
}

impl Xml {
    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event<'_>, quick_xml::Error> {
        self.mark.reset();
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer)
    }
}

/// The archive.
pub(super) struct Parts {
    archive: ZipArchive<File>,
    file: File,
}

/// Where the first visible sheet is, and how its days count.
pub(super) struct Workbook {
    pub(super) sheet: String,
    pub(super) from_1904: bool,
}

/// Texts that cells share, one after the other.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    /// The text of this number.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = usize::try_from(*self.ends.get(index)?).ok()?;
        let start = match index.checked_sub(1) {
            Some(before) => usize::try_from(*self.ends.get(before)?).ok()?,
            None => 0,
        };
        self.all.get(start..end)
    }

    fn push(&mut self, text: &str) -> Result<()> {
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() <= ARENA_MAX);
        self.ends.push(end.ok_or_else(|| bad("文本总量过大,请另存为csv"))?);
        Ok(())
    }
}

impl Parts {
    pub(super) fn open(file: File) -> Result<Self> {
        let archive = ZipArchive::new(file.try_clone().map_err(Error::internal)?).map_err(|_| broken())?;
        if archive.len() > PARTS_MAX {
            return Err(broken());
        }
        Ok(Self { archive, file })
    }

    /// The XML of a part; `None` where there is no such part.
    fn xml(&mut self, name: &str, max: u64) -> Result<Option<Xml>> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let (method, start, length) = {
            let part = self.archive.by_index(index).map_err(|_| broken())?;
            if part.encrypted() {
                return Err(bad("不支持加密的文件"));
            }
            (part.compression(), part.data_start().ok_or_else(broken)?, part.compressed_size())
        };
        let packed = Slice { file: self.file.try_clone().map_err(Error::internal)?, at: start }.take(length);
        let unpacked: Box<dyn Read> = match method {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(broken()),
        };
        let (meter, mark) = Meter::new(unpacked, PIECE_MAX, max);
        let reader = Reader::from_reader(BufReader::with_capacity(32 << 10, meter));
        Ok(Some(Xml { reader, mark, buffer: Vec::new() }))
    }

    /// Where the first visible sheet is.
    pub(super) fn workbook(&mut self) -> Result<Workbook> {
        let mut from_1904 = false;
        let mut sheet = None;
        let mut xml = self.xml("xl/workbook.xml", OTHER_MAX)?.ok_or_else(broken)?;
        loop {
            match xml.next().map_err(|error| broken_by(&error))? {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "workbookPr" => {
                        from_1904 = attribute(&tag, "date1904").is_some_and(|value| value == "1" || value == "true");
                    }
                    "sheet" if sheet.is_none() && attribute(&tag, "state").is_none_or(|state| state == "visible") => {
                        sheet = relation(&tag);
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        let wanted = sheet.ok_or_else(|| bad("没有工作表"))?;
        Ok(Workbook { sheet: self.target(&wanted)?, from_1904 })
    }

    /// The part a relation of the workbook points at.
    fn target(&mut self, wanted: &str) -> Result<String> {
        let mut xml = self.xml("xl/_rels/workbook.xml.rels", OTHER_MAX)?.ok_or_else(broken)?;
        loop {
            match xml.next().map_err(|error| broken_by(&error))? {
                Event::Start(tag) | Event::Empty(tag) if attribute(&tag, "Id").as_deref() == Some(wanted) => {
                    let target = attribute(&tag, "Target").ok_or_else(broken)?;
                    return Ok(match target.strip_prefix('/') {
                        Some(absolute) => absolute.to_owned(),
                        None => format!("xl/{target}"),
                    });
                }
                Event::Eof => return Err(broken()),
                _ => {}
            }
        }
    }

    /// Whether each cell format shows a date.
    pub(super) fn date_formats(&mut self) -> Result<Vec<bool>> {
        let Some(mut xml) = self.xml("xl/styles.xml", OTHER_MAX)? else { return Ok(Vec::new()) };
        let mut own: HashSet<u32> = HashSet::new();
        let mut formats = Vec::new();
        let mut in_cells = false;
        let number = |tag: &BytesStart<'_>| attribute(tag, "numFmtId").and_then(|id| id.parse::<u32>().ok());
        loop {
            match xml.next().map_err(|error| broken_by(&error))? {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "numFmt" if attribute(&tag, "formatCode").is_some_and(|code| is_date_code(&code)) => {
                        own.extend(number(&tag));
                    }
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => {
                        if formats.len() >= FORMATS_MAX {
                            return Err(bad("单元格格式过多,请另存为csv"));
                        }
                        formats.push(number(&tag).is_some_and(|id| is_date_id(id) || own.contains(&id)));
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => return Ok(formats),
                Event::Eof => return Ok(formats),
                _ => {}
            }
        }
    }

    /// The texts that cells share.
    pub(super) fn texts(&mut self) -> Result<Texts> {
        let mut texts = Texts::default();
        let Some(mut xml) = self.xml("xl/sharedStrings.xml", TEXTS_MAX)? else { return Ok(texts) };
        let mut text = RichText::default();
        loop {
            let event = xml.next().map_err(|error| broken_by(&error))?;
            match &event {
                Event::Start(tag) if tag.local_name().as_ref() == "si" => text.clear(),
                Event::Empty(tag) if tag.local_name().as_ref() == "si" => texts.push("")?,
                Event::End(tag) if tag.local_name().as_ref() == "si" => texts.push(&text.take())?,
                Event::Eof => return Ok(texts),
                _ => text.read(&event)?,
            }
        }
    }

    /// The sheet.
    pub(super) fn sheet(&mut self, name: &str) -> Result<Xml> {
        self.xml(name, SHEET_MAX)?.ok_or_else(broken)
    }
}

/// The text of `<si>` or `<is>`: its `<t>` one after the other, without the phonetic ones.
#[derive(Default)]
pub(super) struct RichText {
    text: String,
    in_t: bool,
    in_phonetic: bool,
}

impl RichText {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn take(&mut self) -> String {
        unescaped(&std::mem::take(self).text)
    }

    pub(super) fn read(&mut self, event: &Event<'_>) -> Result<()> {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => self.in_t = true,
                "rPh" => self.in_phonetic = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => self.in_t = false,
                "rPh" => self.in_phonetic = false,
                _ => {}
            },
            _ if self.in_t && !self.in_phonetic => append(&mut self.text, event)?,
            _ => {}
        }
        let too_long = u64::try_from(self.text.len()).is_ok_and(|length| length > PIECE_MAX);
        if too_long { Err(bad("一个单元格超过1MiB")) } else { Ok(()) }
    }
}

/// Adds what an event has of text.
pub(super) fn append(text: &mut String, event: &Event<'_>) -> Result<()> {
    match event {
        Event::Text(more) => text.push_str(&more.xml10_content()),
        Event::CData(more) => text.push_str(&more.xml10_content()),
        Event::GeneralRef(reference) => text.push(character(reference).ok_or_else(broken)?),
        _ => {}
    }
    Ok(())
}

fn character(reference: &BytesRef<'_>) -> Option<char> {
    if let Some(found) = reference.resolve_char_ref().ok()? {
        return Some(found);
    }
    let name: &str = &reference.xml10_content();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// `_x000D_` stands for the character of that number.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = after.get(..4).filter(|_| after.get(4..5) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let found = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match (found, after.get(5..)) {
            (Some(found), Some(after)) => {
                plain.push(found);
                rest = after;
            }
            _ => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// An attribute by its name, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    found.normalized_value(XmlVersion::Explicit1_0).ok().map(|value| value.into_owned())
}

/// The relation of a sheet: `r:id`, whatever its prefix.
fn relation(tag: &BytesStart<'_>) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref() != "id" && attribute.key.local_name().as_ref() == "id")
        .and_then(|attribute| attribute.normalized_value(XmlVersion::Explicit1_0).ok().map(|value| value.into_owned()))
}

/// A stretch of a file that keeps its own place: clones of a file share theirs.
struct Slice {
    file: File,
    at: u64,
}

impl Read for Slice {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let read = self.file.read(into)?;
        self.at += u64::try_from(read).unwrap_or_default();
        Ok(read)
    }
}

pub(super) fn broken() -> Error {
    bad("不是有效的xlsx文件")
}

pub(super) fn broken_by(error: &quick_xml::Error) -> Error {
    let told = |reason: &str| format!("不是有效的xlsx文件:{reason}");
    match error {
        quick_xml::Error::Io(io) => super::failed(io.as_ref(), told),
        _ => bad(told("文件已损坏")),
    }
}
