//! XLSX as spreadsheets write it, as they read ours, and as somebody who means harm makes it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs::File;
use std::io::{Cursor, Read as _, Write};

use calamine::{Data, Reader, Xlsx};
use crm_core::{Caller, Error, Page, Zone};
use crm_customers::{CustomerFilter, CustomerInput, CustomerListing, Customers};
use crm_db::testing::TestDb;
use crm_db::{Db, Engine};
use crm_exchange::{CustomerTable, Exchange, Export, Format, ImportOptions, OnError, Report};
use crm_staff::{Passwords, administrators};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook};
use zip::write::SimpleFileOptions;

fn database() -> (TestDb, Caller) {
    let database = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let access = administrators::create(&database.db, &Passwords::new(4), "13800000000", Some("correct horse"));
    let caller = Caller::administrator(access.expect("an administrator").staff_id);
    (database, caller)
}

fn import(db: &Db, caller: &Caller, content: &[u8]) -> Result<Report, Error> {
    let mut file: File = tempfile::tempfile().expect("a file");
    file.write_all(content).expect("it is written");
    let options = ImportOptions { on_error: OnError::Skip, ..ImportOptions::default() };
    Exchange::new(db, Zone::default()).import::<CustomerTable>(caller, file, &options)
}

fn customers(db: &Db, caller: &Caller) -> Vec<CustomerListing> {
    Customers::new(db).list(caller, &CustomerFilter::default(), Page::first()).expect("a list").rows
}

#[test]
fn cells_are_read_as_the_sheet_shows_them() {
    let (database, caller) = database();
    let mut book = Workbook::new();
    book.add_worksheet().set_name("隐藏").expect("a name").set_hidden(true);
    let sheet = book.add_worksheet().set_active(true);
    let titles = ["客户姓名", "手机号", "VIP到期时间", "成立日期", "预算(万元)", "等级", "是否VIP", "备注", "纬度"];
    for (column, title) in (0u16..).zip(titles) {
        sheet.write(0, column, title).expect("a cell");
    }
    sheet.write(1, 0, "李曦宁").expect("a cell");
    sheet.write_number_with_format(1, 1, 1.3800138e10, &Look::new().set_num_format("0.00E+00")).expect("a cell");
    let moment = ExcelDateTime::parse_from_str("2022-01-01 14:30:00").expect("a time");
    sheet
        .write_with_format(1, 2, &moment, &Look::new().set_num_format("yyyy\"年\"m\"月\"d\"日\" h:mm"))
        .expect("a cell");
    let day = ExcelDateTime::parse_from_str("2001-02-03").expect("a date");
    sheet.write_with_format(1, 3, &day, &Look::new().set_num_format_index(14)).expect("a cell");
    sheet.write(1, 4, 0.1 + 0.2).expect("a cell");
    sheet.write_formula(1, 5, Formula::new("=1+2").set_result("3")).expect("a cell");
    sheet.write(1, 6, true).expect("a cell");
    let bold = Look::new().set_bold();
    sheet.write_rich_string(1, 7, &[(&bold, " 粗"), (&Look::new(), "<细>&\n ")]).expect("a cell");
    sheet.write(1, 8, -12.5).expect("a cell");
    // Blank rows are no rows.
    sheet.write(5, 0, "王小伟").expect("a cell");
    sheet.write(6, 0, "丢失").expect("a cell");
    sheet.write(6, 1, 1.234_567_890_123_456e17).expect("a cell");
    let mut report = import(&database.db, &caller, &book.save_to_buffer().expect("a file")).expect("it is read");
    assert_eq!((report.rows, report.added, report.failed), (3, 2, 1), "{report:?}");
    assert_eq!((report.errors[0].line, report.errors[0].field.as_str()), (7, "phoneNumber"));
    assert!(report.error_file.take().is_some());
    let rows = customers(&database.db, &caller);
    let row = &rows[1];
    let profile = &row.customer.profile;
    assert_eq!(profile.phone.as_deref(), Some("13800138000"));
    assert_eq!(Zone::default().format(profile.vip_due_time.expect("a time")), "2022-01-01 14:30:00");
    assert_eq!(profile.register_date.expect("a date").to_string(), "2001-02-03");
    assert_eq!(row.customer.project.budget.expect("money").to_string(), "0.30");
    assert_eq!((profile.level, profile.is_vip), (3, 1));
    assert_eq!(profile.note.as_deref(), Some(" 粗<细>&\n "));
    assert_eq!(row.address.lat, Some(-12.5));
}

/// The XML of one part of an archive.
fn part(archive: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn the_parts_are_those_that_strict_programs_ask_for() {
    let (database, caller) = database();
    let export = Export::<CustomerTable> { format: Format::Xlsx, ..Export::new(CustomerFilter::default()) };
    let mut out = Vec::new();
    Exchange::new(&database.db, Zone::default()).export(&caller, export).expect("it begins").run(&mut out).expect("ok");
    let styles = part(&out, "xl/styles.xml");
    for asked in [
        // Those that read styles count on these two.
        "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill></fills>",
        "<fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>",
        "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>",
        "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>",
        "<cellXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/></cellXfs>",
        "<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>",
    ] {
        assert!(styles.contains(asked), "{asked}: {styles}");
    }
    // The sheet's view is one of the workbook's.
    let (book, sheet) = (part(&out, "xl/workbook.xml"), part(&out, "xl/worksheets/sheet1.xml"));
    assert!(book.contains("<bookViews><workbookView/></bookViews><sheets><sheet name=\"Sheet1\""), "{book}");
    assert!(sheet.contains("<sheetView tabSelected=\"1\" workbookViewId=\"0\">"), "{sheet}");
    assert!(sheet.contains("<selection pane=\"bottomLeft\"/></sheetView></sheetViews><sheetData>"), "{sheet}");
    let types = part(&out, "[Content_Types].xml");
    for name in ["/xl/workbook.xml", "/xl/styles.xml", "/xl/worksheets/sheet1.xml"] {
        assert!(types.contains(&format!("PartName=\"{name}\"")), "{name}: {types}");
    }
}

#[test]
fn another_program_reads_what_is_written() {
    let (database, caller) = database();
    let input = CustomerInput {
        real_name: "=1+1".to_owned().into(),
        phone: "+86 138".to_owned().into(),
        note: " <a>&\n ".to_owned().into(),
        level: 7.into(),
        ..CustomerInput::default()
    };
    Customers::new(&database.db).create(&caller, input).expect("a customer");
    let export = Export::<CustomerTable> { format: Format::Xlsx, ..Export::new(CustomerFilter::default()) };
    let mut out = Vec::new();
    let begun = Exchange::new(&database.db, Zone::default()).export(&caller, export).expect("it begins");
    assert_eq!(begun.run(&mut out).expect("it ends"), 1);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(out)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("it is read");
    let at = |title: &str| {
        let column = range.rows().next().expect("titles").iter().position(|cell| *cell == *title).expect("the column");
        range.rows().nth(1).expect("a row")[column].clone()
    };
    assert_eq!(at("客户姓名"), Data::String("=1+1".into()), "a text and no formula");
    assert_eq!(at("手机号"), Data::String("+86 138".into()));
    assert_eq!(at("备注"), Data::String(" <a>&\n ".into()));
    assert_eq!(at("等级"), Data::Float(7.0));
}

const BOOK: &str = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" r:id=\"x\"/></sheets></workbook>";
const RELATIONS: &str = "<Relationships><Relationship Id=\"x\" Target=\"s.xml\"/></Relationships>";

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(content.as_bytes()).expect("it is written");
    }
    zip.finish().expect("an archive").into_inner()
}

fn sheet(data: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{data}</sheetData></worksheet>");
    archive(&[("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", RELATIONS), ("xl/s.xml", &sheet)])
}

fn row(number: u32, text: &str) -> String {
    format!("<row r=\"{number}\"><c r=\"A{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")
}

#[test]
fn a_file_that_lies_is_refused() {
    let (database, caller) = database();
    let title = row(1, "客户姓名");
    let good = sheet(&format!("{title}{}", row(2, "甲&amp;&#20057;")));
    assert_eq!(import(&database.db, &caller, &good).expect("it is read").added, 1);
    assert_eq!(customers(&database.db, &caller)[0].customer.profile.real_name, "甲&乙");
    let long = "a".repeat(64 << 20);
    let shared = |strings: &str, data: &str| {
        let data = format!("<worksheet><sheetData>{title}{data}</sheetData></worksheet>");
        archive(&[
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/sharedStrings.xml", strings),
            ("xl/s.xml", &data),
        ])
    };
    let first = "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c></row>";
    let counted = shared("<sst uniqueCount=\"99999999999999\"><si><t>甲</t></si></sst>", first);
    assert_eq!(
        import(&database.db, &caller, &counted).expect("it is read").added,
        1,
        "what it says of itself is not believed"
    );
    let empty = "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>";
    let none = shared("<sst><si/><si><t/></si><si><t>甲</t></si></sst>", &empty.replace(">1<", ">2<"));
    assert_eq!(import(&database.db, &caller, &none).expect("it is read").added, 1, "empty texts count");
    let mut cut = good.clone();
    cut.truncate(cut.len() / 2);
    let pieces = "<b>x</b>".repeat(10);
    for (what, content) in [
        ("one cell that unfolds", sheet(&format!("{title}{}", row(2, &long)))),
        ("one comment that unfolds", sheet(&format!("{title}<!--{long}-->{}", row(2, "甲")))),
        ("one attribute that unfolds", sheet(&format!("{title}<row r=\"2\" a=\"{long}\"></row>"))),
        ("one shared text that unfolds", shared(&format!("<sst><si><t>{long}</t></si></sst>"), first)),
        ("a shared text that is not there", shared("<sst></sst>", first)),
        ("a column far out", sheet(&format!("{title}<row r=\"2\"><c r=\"XFD2\"><v>1</v></c></row>"))),
        ("a column out of this world", sheet(&format!("{title}<row r=\"2\"><c r=\"ZZZZZZZZZZZZZZZZ2\"/></row>"))),
        ("a row far out", sheet(&format!("{title}<row r=\"99999999\"></row>"))),
        ("rows that go back", sheet(&format!("{}{title}", row(2, "甲")))),
        ("no number", sheet(&format!("{title}<row r=\"2\"><c r=\"A2\"><v>x</v></c></row>"))),
        ("an entity", sheet(&format!("{title}{}", row(2, "&boom;")))),
        (
            "an end that is missing",
            archive(&[
                ("xl/workbook.xml", BOOK),
                ("xl/_rels/workbook.xml.rels", RELATIONS),
                ("xl/s.xml", "<worksheet><sheetData><row r=\"1\">"),
            ]),
        ),
        ("no sheet", archive(&[("xl/workbook.xml", "<workbook/>")])),
        ("nothing", archive(&[("a", &pieces)])),
        ("a cut file", cut),
    ] {
        match import(&database.db, &caller, &content) {
            Err(Error::Invalid(problems)) => assert!(problems.names("file"), "{what}: {problems:?}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn many_formats_are_read_at_once_and_too_many_are_refused() {
    let (database, caller) = database();
    let styled = |own: u32, formats: u32| {
        let own: String =
            (0..own).map(|id| format!("<numFmt numFmtId=\"{}\" formatCode=\"yyyy\"/>", id + 200)).collect();
        let formats: String = (0..formats).map(|id| format!("<xf numFmtId=\"{}\"/>", 100_000 + id)).collect();
        let styles = format!(
            "<styleSheet><numFmts>{own}</numFmts><cellXfs><xf numFmtId=\"200\"/>{formats}</cellXfs></styleSheet>"
        );
        let sheet = "<worksheet><sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>客户姓名</t></is></c>\
                     <c t=\"inlineStr\"><is><t>备注</t></is></c></row>\
                     <row r=\"2\"><c s=\"2\"><v>1</v></c><c s=\"0\"><v>44562</v></c></row></sheetData></worksheet>";
        archive(&[
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/styles.xml", &styles),
            ("xl/s.xml", sheet),
        ])
    };
    let started = std::time::Instant::now();
    let report = import(&database.db, &caller, &styled(60_000, 60_000)).expect("it is read");
    // A list of formats looked through for each cell format takes minutes here.
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(report.added, 1, "{report:?}");
    assert_eq!(customers(&database.db, &caller)[0].customer.profile.note.as_deref(), Some("2022-01-01"));
    match import(&database.db, &caller, &styled(1, 66_000)) {
        Err(Error::Invalid(problems)) => assert!(format!("{problems:?}").contains("格式过多"), "{problems:?}"),
        other => panic!("{other:?}"),
    }
}
