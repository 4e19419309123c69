//! What a handler reads. A describing reader is given to the handler itself, so that what is documented
//! of the parameters is what the handler does, and is written down nowhere else.

/// A parameter a handler reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub kind: Kind,
    /// Whether the request is refused without it.
    pub is_required: bool,
}

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text, at most so long where the gateway itself limits it.
    Text(Option<usize>),
    /// Text that may also be sent as a number.
    TextOrNumber,
    /// A whole number between two.
    Integer(i64, i64),
    /// A number that need not be whole.
    Number,
    /// The id of a record.
    Id,
    /// An array of ids, of at least so many.
    Ids(usize),
    /// An array of texts.
    Texts,
    /// An array of objects with these members.
    Objects(Vec<Parameter>),
    /// A JSON object.
    Object,
    /// An amount of money.
    Money,
    /// A moment.
    Moment,
    /// A calendar date.
    Date,
    /// One date, or the first and the last of a range.
    Days,
    /// One of these words.
    Word(Vec<String>),
}

/// Which way through a handler is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As if nothing had been sent.
    Absent,
    /// As if everything had been sent.
    Present,
}

/// What was read so far.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) way: Way,
    pub(super) parameters: Vec<Parameter>,
}

impl Recording {
    pub(super) fn new(way: Way) -> Self {
        Self { way, parameters: Vec::new() }
    }

    /// A method that reads by means of another notes first: it knows better.
    pub(super) fn add(&mut self, name: &str, kind: Kind) {
        if !self.parameters.iter().any(|known| known.name == name) {
            self.parameters.push(Parameter { name: name.to_owned(), kind, is_required: false });
        }
    }

    pub(super) fn require(&mut self, name: &str) {
        for parameter in self.parameters.iter_mut().filter(|known| known.name == name) {
            parameter.is_required = true;
        }
    }
}

/// What a handler reads on either way through it. What it must have is told by the way on which nothing
/// was sent: on the other it has already chosen.
pub(super) fn joined(absent: Vec<Parameter>, present: Vec<Parameter>) -> Vec<Parameter> {
    let mut all = absent;
    for parameter in present {
        if !all.iter().any(|known| known.name == parameter.name) {
            all.push(Parameter { is_required: false, ..parameter });
        }
    }
    all
}
