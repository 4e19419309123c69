//! One XLSX sheet, written as it comes: a ZIP archive to a stream, texts inside their cells.

use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::Out;
use crate::guard::needs_guard;

const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/// Rows are collected to about this many bytes before they are packed.
const BUFFER: usize = 64 << 10;

/// A sheet that is written row by row.
pub(crate) struct XlsxSheet<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    buffer: String,
    row: u64,
}

impl<W: Write> XlsxSheet<W> {
    pub(super) fn start(out: W) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(out);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in parts() {
            zip.start_file(name, options)?;
            zip.write_all(
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{content}").as_bytes(),
            )?;
        }
        zip.start_file("xl/worksheets/sheet1.xml", options.large_file(true))?;
        let buffer = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{NAMESPACE}\"><sheetViews>\
             <sheetView tabSelected=\"1\" workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" \
             state=\"frozen\"/><selection pane=\"bottomLeft\"/></sheetView></sheetViews><sheetData>"
        );
        Ok(Self { zip, buffer, row: 0 })
    }

    pub(super) fn row(&mut self, cells: &[Out]) -> io::Result<()> {
        self.row += 1;
        self.buffer.push_str(&format!("<row r=\"{}\">", self.row));
        for (cell, column) in cells.iter().zip(0..) {
            let place = format!("{}{}", letters(column), self.row);
            match cell {
                Out::Empty => {}
                // More than fifteen digits a spreadsheet would round.
                Out::Number(number) if number.bytes().filter(u8::is_ascii_digit).count() <= 15 => {
                    self.buffer.push_str(&format!("<c r=\"{place}\"><v>{number}</v></c>"));
                }
                Out::Text(text) | Out::Number(text) => {
                    self.buffer.push_str(&format!("<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"));
                    // A text cell is no formula. Only a text that looks guarded already is guarded, so
                    // that reading takes no apostrophe of its own away.
                    if text.starts_with('\'') && needs_guard(text) {
                        self.buffer.push('\'');
                    }
                    escape(&mut self.buffer, text);
                    self.buffer.push_str("</t></is></c>");
                }
            }
        }
        self.buffer.push_str("</row>");
        if self.buffer.len() >= BUFFER { self.pack() } else { Ok(()) }
    }

    fn pack(&mut self) -> io::Result<()> {
        self.zip.write_all(self.buffer.as_bytes())?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.buffer.push_str("</sheetData></worksheet>");
        self.pack()?;
        let mut out = self.zip.finish()?.into_inner();
        out.flush()
    }
}

/// The parts beside the sheet. Programs refuse a workbook without the first two fills, which are
/// always these, or without a view that the sheet's can be one of.
fn parts() -> [(&'static str, String); 5] {
    [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"{KIND}.sheet.main+xml\"/>\
                 <Override PartName=\"/xl/styles.xml\" ContentType=\"{KIND}.styles+xml\"/>\
                 <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{KIND}.worksheet+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{DOCUMENT}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{NAMESPACE}\" xmlns:r=\"{DOCUMENT}\"><bookViews><workbookView/></bookViews>\
                 <sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" \
                 Type=\"{DOCUMENT}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{NAMESPACE}\"><fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
                 </fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill \
                 patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/><bottom/>\
                 <diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" \
                 borderId=\"0\"/></cellStyleXfs><cellXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" \
                 borderId=\"0\" xfId=\"0\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" \
                 builtinId=\"0\"/></cellStyles></styleSheet>"
            ),
        ),
    ]
}

/// Column 2 is `C`.
fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// XML has no room for control characters, and reads CR as LF: such are written as `_x000D_`.
fn escape(into: &mut String, text: &str) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '_' if looks_escaped(rest) => into.push_str("_x005F_"),
            '\t' | '\n' => into.push(character),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                into.push_str(&format!("_x{:04X}_", u32::from(character)));
            }
            other => into.push(other),
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
}

fn looks_escaped(text: &str) -> bool {
    let code = text.strip_prefix("_x").and_then(|rest| rest.get(..5));
    code.is_some_and(|code| code.ends_with('_') && code.bytes().take(4).all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_have_letters() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), name);
        }
    }
}
