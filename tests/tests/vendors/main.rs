//! The surfaces other vendors' clients are written against: `000`, `002`, `003`, `004`.

#![recursion_limit = "256"]

mod dashboard;
mod details;
mod drill_down;
mod life;
mod list;
mod moved;
