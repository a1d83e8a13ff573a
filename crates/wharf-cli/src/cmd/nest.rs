//! JSON objects in JSON objects, written as they come: those in a directory stand in its `contents`.

use super::Context;
use crate::failure::Failure;
use crate::json::{self, Record};

/// What is still open of the objects and lists that were written.
#[derive(Debug, Default)]
pub(super) struct Nest {
    /// For each open list, whether something is in it; the innermost is the last.
    lists: Vec<bool>,
    /// Whether the last object of the innermost list is open, for its contents may follow.
    object: bool,
}

impl Nest {
    /// Writes an object into the innermost list, or the first one of all.
    pub(super) fn push(&mut self, context: &Context<'_>, record: &Record) -> Result<(), Failure> {
        self.close_object(context)?;
        if let Some(filled) = self.lists.last_mut() {
            let comma = if std::mem::replace(filled, true) {
                ","
            } else {
                ""
            };
            context
                .printer
                .data(&format!("{comma}\n {}", " ".repeat(self.lists.len())))?;
        }
        let json = json::line(record)?;
        self.object = true;
        context
            .printer
            .data(json.strip_suffix('}').unwrap_or(&json))
    }

    /// What follows is in the last object.
    pub(super) fn enter(&mut self, context: &Context<'_>) -> Result<(), Failure> {
        self.lists.push(false);
        self.object = false;
        context.printer.data(",\"contents\":[")
    }

    /// What follows stands beside the object whose contents these were.
    pub(super) fn leave(&mut self, context: &Context<'_>) -> Result<(), Failure> {
        self.close_object(context)?;
        self.lists.pop();
        self.object = true;
        context.printer.data("]")
    }

    /// Closes all that is open.
    pub(super) fn close(mut self, context: &Context<'_>) -> Result<(), Failure> {
        while !self.lists.is_empty() {
            self.leave(context)?;
        }
        self.close_object(context)
    }

    fn close_object(&mut self, context: &Context<'_>) -> Result<(), Failure> {
        if std::mem::take(&mut self.object) {
            context.printer.data("}")?;
        }
        Ok(())
    }
}
