//! Arrays, in any of their spellings: `[1,2]` as JSON or as its text, `1,2`, `a=1&a=2`, `a[]=1`, or one
//! bare value.

use crm_core::{ARRAY_MAX, Id, Patch};
use serde_json::{Map, Value};

use super::{Kind, Params, Raw, Reader, Way, parse_id};

/// What was sent where one id or several may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOrSeveral<I> {
    /// One bare id.
    One(I),
    /// An array, perhaps of one.
    Several(Vec<I>),
}

impl Reader {
    /// An array of ids in any of its spellings, without repetition.
    pub fn ids<I: Id>(&mut self, name: &str) -> Patch<Vec<I>> {
        self.record(name, || Kind::Ids(0));
        if !self.params.has(name) {
            return Patch::Absent;
        }
        let sent: Vec<Raw> = self.params.values(name).cloned().collect();
        if let [Raw::Json(Value::Null)] = sent.as_slice() {
            return Patch::Null;
        }
        if let [Raw::Text(text)] = sent.as_slice()
            && text.is_empty()
        {
            return Patch::Null;
        }
        let mut ids: Vec<I> = Vec::new();
        for item in sent.iter().flat_map(items) {
            let Some(id) = item.as_deref().and_then(parse_id::<I>) else {
                return self.bad(name, "应为正整数的数组");
            };
            if ids.contains(&id) {
                return self.bad(name, format!("不能重复:{id}"));
            }
            if ids.len() == ARRAY_MAX {
                return self.bad(name, format!("最多{ARRAY_MAX}个"));
            }
            ids.push(id);
        }
        Patch::Value(ids)
    }

    /// One bare id, or an array of at least one, which must be there.
    pub fn one_or_several<I: Id>(&mut self, name: &str) -> Option<OneOrSeveral<I>> {
        self.record(name, || Kind::Ids(1));
        self.record_required(name);
        let is_bare = match self.params.values(name).collect::<Vec<_>>().as_slice() {
            _ if self.params.is_array(name) => false,
            [Raw::Text(text)] => !text.contains(',') && !text.trim_start().starts_with('['),
            [Raw::Json(value)] => !value.is_array(),
            _ => false,
        };
        let ids = self.ids(name);
        self.problems.required(name, &ids, true);
        self.problems.not_empty(name, &ids);
        match (is_bare, ids.into_value()?.as_slice()) {
            (true, [id]) => Some(OneOrSeveral::One(*id)),
            (_, ids) => Some(OneOrSeveral::Several(ids.to_vec())),
        }
    }

    /// An array of ids that replaces a whole set, and so must be there: `null` is the empty set.
    pub fn id_set<I: Id>(&mut self, name: &str) -> Option<Vec<I>> {
        let sent = self.ids(name);
        self.record_required(name);
        match sent {
            Patch::Value(ids) => Some(ids),
            Patch::Null => Some(Vec::new()),
            Patch::Absent => {
                self.note(name, "不能为空");
                None
            }
        }
    }

    /// An array of texts in any of its spellings.
    pub fn texts(&mut self, name: &str) -> Patch<Vec<String>> {
        self.record(name, || Kind::Texts);
        let sent: Vec<Raw> = self.params.values(name).cloned().collect();
        match sent.as_slice() {
            [] => return Patch::Absent,
            [Raw::Json(Value::Null)] => return Patch::Null,
            [Raw::Text(text)] if text.is_empty() => return Patch::Null,
            _ => {}
        }
        match sent.iter().flat_map(items).collect::<Option<Vec<String>>>() {
            Some(texts) => Patch::Value(texts),
            None => self.bad(name, "应为文本的数组"),
        }
    }

    /// An array of JSON objects, sent as such or as its text. `read` reads each of them; what is wrong
    /// with one is noted as `name.<place from 0>.<parameter>`.
    pub fn objects<T>(&mut self, name: &str, read: impl Fn(&mut Reader) -> T) -> Patch<Vec<T>> {
        self.record(name, || {
            let mut member = Reader::describing(Way::Absent);
            let _ = read(&mut member);
            Kind::Objects(member.described())
        });
        let objects = self.object::<Vec<Map<String, Value>>>(name);
        objects.map(|objects| {
            let one = |(place, object): (usize, Map<String, Value>)| {
                let mut reader = Reader::new(Params::from_object(object), self.zone, self.now);
                let value = read(&mut reader);
                for error in reader.problems.iter() {
                    self.problems.push(&format!("{name}.{place}.{}", error.field), error.message.as_str());
                }
                value
            };
            objects.into_iter().enumerate().map(one).collect()
        })
    }
}

/// The elements of one value sent for an array: a JSON array, its text, `1,2,3`, or one bare value.
/// `None` stands for an element that cannot be an id.
pub(super) fn items(value: &Raw) -> Vec<Option<String>> {
    match value {
        Raw::Json(Value::Array(elements)) => elements.iter().map(scalar).collect(),
        Raw::Json(other) => vec![scalar(other)],
        Raw::Text(text) if text.trim_start().starts_with('[') => match serde_json::from_str::<Vec<Value>>(text) {
            Ok(elements) => elements.iter().map(scalar).collect(),
            Err(_) => vec![None],
        },
        Raw::Text(text) => text.split(',').map(|item| Some(item.trim().to_owned())).collect(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
