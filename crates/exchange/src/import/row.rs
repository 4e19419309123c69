//! One row: which record it is about, and what it says of it.

use crm_core::{Error, Instant, Problems, Result};
use crm_db::Conn;

use super::Mode;
use super::run::Run;
use crate::read::{Cell, Row, Table};
use crate::subject::{Field, ID, Shown, Subject};

/// What a row became.
pub(super) enum Became {
    Added,
    Updated,
}

impl<S: Subject> Run<'_, S> {
    /// Writes one row.
    pub(super) fn row(&mut self, conn: &mut Conn, row: &Row, now: Instant) -> Result<Became> {
        self.check_width(row)?;
        let target = self.target(conn, row)?;
        let (mut input, problems) = match target {
            Some(id) => self.change(conn, row, id)?,
            None => self.say(conn, row, &[])?,
        };
        S::problems(&mut input).merge(problems.clone());
        let (exchange, caller, totals) = (self.exchange, self.caller, &mut self.names.totals);
        let outcome = match target {
            Some(id) => S::update(exchange, conn, caller, id, input, now, totals).map(|()| Became::Updated),
            None => S::create(exchange, conn, caller, input, now, totals).map(|_| Became::Added),
        };
        outcome.map_err(|error| without_consequences(error, &problems))
    }

    /// What the row says, and what of it cannot be read; these columns say nothing.
    fn say(&mut self, conn: &mut Conn, row: &Row, silent: &[&str]) -> Result<(S::Input, Problems)> {
        let mut input = S::Input::default();
        let mut problems = Problems::default();
        for (place, column) in &self.header.columns {
            let text = match row.cells.get(*place) {
                _ if silent.contains(&&*column.name) => continue,
                Some(Cell::Text(text)) => text.as_str(),
                Some(Cell::Bad(_, why)) => {
                    problems.push(&column.name, *why);
                    continue;
                }
                None => "",
            };
            let (false, Some(read)) = (text.is_empty() && !self.options.clear_empty, &column.read) else { continue };
            let mut field = Field {
                name: &column.name,
                text,
                zone: self.exchange.zone,
                problems: &mut problems,
                names: &mut self.names,
                conn,
                caller: self.caller,
            };
            read(&mut input, &mut field)?;
        }
        Ok((input, problems))
    }

    /// What the row says of a record there is. A cell that shows what lists show of it already says
    /// nothing, though nobody could tell whom it names: what is exported can be imported again.
    fn change(&mut self, conn: &mut Conn, row: &Row, id: S::Id) -> Result<(S::Input, Problems)> {
        self.names.enter(false);
        let said = self.say(conn, row, &[]);
        self.names.enter(true);
        let (input, problems) = said?;
        // The record is looked at only where that could help.
        if problems.is_empty() {
            return Ok((input, problems));
        }
        let kept = self.kept(conn, row, id, &problems)?;
        if kept.is_empty() && !self.options.create_missing {
            return Ok((input, problems));
        }
        self.say(conn, row, &kept.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The columns at fault whose cells show the record as it is, in words or as the API has it.
    fn kept(&self, conn: &mut Conn, row: &Row, id: S::Id, problems: &Problems) -> Result<Vec<String>> {
        let records = S::rows(conn, self.caller, &S::only(id), None, 1)?;
        let Some(record) = records.first() else { return Ok(Vec::new()) };
        let zone = self.exchange.zone;
        let mut kept = Vec::new();
        for (place, column) in &self.header.columns {
            let (Some(show), Some(Cell::Text(text))) = (&column.show, row.cells.get(*place)) else { continue };
            let is_same = |words| show(record, &Shown { zone, words }).text() == text;
            if problems.names(&column.name) && (is_same(true) || is_same(false)) {
                kept.push(column.name.to_string());
            }
        }
        Ok(kept)
    }

    /// A row that has fewer cells than the header, or more, is not what was meant.
    fn check_width(&self, row: &Row) -> Result<()> {
        let width = self.header.titles.len();
        let more = row.cells.iter().skip(width).any(|cell| !cell.shown().is_empty());
        if more {
            return Err(Error::invalid("", "列数多于表头"));
        }
        let is_short = matches!(self.table, Table::Csv(_)) && row.cells.len() < width;
        if is_short { Err(Error::invalid("", "列数少于表头")) } else { Ok(()) }
    }

    /// The record this row is about; `None`: a new one.
    fn target(&mut self, conn: &mut Conn, row: &Row) -> Result<Option<S::Id>> {
        let Some((key, place)) = self.header.key else { return Ok(None) };
        let text = row.cells.get(place).map(Cell::shown).unwrap_or_default();
        if text.trim().is_empty() {
            return if self.options.mode == Mode::Update { Err(Error::invalid(key, "不能为空")) } else { Ok(None) };
        }
        if key == ID {
            let id = crate::subject::id(text.trim()).ok_or_else(|| Error::invalid(ID, "应为正整数"))?;
            // Somebody else's database has other ids: to a new record they say nothing.
            return Ok((self.options.mode != Mode::Add).then_some(id));
        }
        let found = S::matching(conn, self.caller, key, text)?;
        match (found.as_slice(), self.options.mode) {
            ([], Mode::Add | Mode::Both) => Ok(None),
            ([], Mode::Update) => Err(Error::invalid(key, format!("不存在:{text}"))),
            ([one], Mode::Add) => Err(Error::invalid(key, format!("已存在,编号{one}"))),
            ([one], Mode::Update | Mode::Both) => Ok(Some(*one)),
            _ => Err(Error::invalid(key, format!("有多条匹配的记录:{text}"))),
        }
    }
}

/// The service knows only ids, and misses one where the column with the name could not be read: that
/// has been said.
fn without_consequences(error: Error, read: &Problems) -> Error {
    let Error::Invalid(found) = error else { return error };
    let mut left = Problems::default();
    for problem in found.iter() {
        let name = problem.field.strip_suffix("_id").map(|field| format!("{field}_name"));
        if read.names(&problem.field) || !name.is_some_and(|name| read.names(&name)) {
            left.push(&problem.field, &*problem.message);
        }
    }
    Error::Invalid(left)
}
