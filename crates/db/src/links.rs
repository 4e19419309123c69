//! Long lists of ids.

/// Ids per `IN` list: both engines limit the bound values of one statement.
const CHUNK: usize = 500;

/// The list in pieces that fit one statement.
pub fn chunks<T>(ids: &[T]) -> std::slice::Chunks<'_, T> {
    ids.chunks(CHUNK)
}
