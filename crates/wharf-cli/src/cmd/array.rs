//! The JSON array that a command prints, written as it grows.

use super::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;

/// A JSON array that needs no memory for what is in it.
#[derive(Debug, Default)]
pub(super) struct Array {
    begun: bool,
}

impl Array {
    /// Writes one element.
    pub(super) fn push(
        &mut self,
        context: &Context<'_>,
        element: &impl serde::Serialize,
    ) -> Result<(), Failure> {
        self.begin_element(context)?;
        context.printer.data(&json::line(element)?)
    }

    /// Writes what stands before an element that is written by the caller.
    pub(super) fn begin_element(&mut self, context: &Context<'_>) -> Result<(), Failure> {
        let lead = if self.begun { ",\n " } else { "[\n " };
        self.begun = true;
        context.printer.data(lead)
    }

    /// Closes it, whatever happened: the output is one document after a failure as well.
    pub(super) fn end(self, context: &Context<'_>, exit: Exit) -> Exit {
        let closed = context
            .printer
            .data(if self.begun { "\n]\n" } else { "[]\n" });
        match closed {
            Err(failure) if exit == Exit::Success => {
                context.printer.failure(&failure);
                failure.exit
            }
            _ => exit,
        }
    }
}
