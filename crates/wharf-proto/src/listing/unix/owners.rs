//! The columns between the mode and the size: links, owner and group, as far as they are there.

use std::ops::Range;

use super::super::decimal;
use super::super::draft::Draft;
use super::super::words::Line;
use super::columns::Columns;

/// Tells links, owner and group apart, as far as that can be done.
pub(super) fn tell<'a>(
    line: &Line<'a>,
    mut words: Range<usize>,
    columns: &Columns,
    draft: &mut Draft<'a>,
) {
    if is_forks(line, words.clone(), columns.size) {
        return;
    }
    if draft.links.is_none()
        && !words.is_empty()
        && let Some(links) = line
            .word(words.start)
            .filter(|word| decimal(word).is_some())
    {
        draft.links = Some(links);
        words.start += 1;
    } else if words.len() >= 3 && line.word(words.start) == Some(b"-") {
        // Hadoop counts no links of directories.
        words.start += 1;
    }
    let (first, end) = (words.start, words.end);
    match words.len() {
        // What is glued to the size is an owner's or group's end.
        0 | 1 if columns.glued.is_some() => {
            let glued = line
                .word(end)
                .zip(columns.glued)
                .map(|(word, at)| &word[..at]);
            let (owner, group) = if words.is_empty() {
                (glued, None)
            } else {
                (line.word(first), glued)
            };
            (draft.owner, draft.group) = (owner, group);
        }
        0 => {}
        1 | 2 => {
            draft.owner = line.word(first);
            draft.group = line.between(first + 1, end);
        }
        4 if is_unitree(line, end) => {
            draft.owner = line.word(first);
            draft.group = line.word(first + 1);
        }
        // A name has blanks in it. Where the columns are aligned the widest gap parts them.
        _ => {
            let split = widest_gap(line, first..end).unwrap_or(first + 1);
            draft.owner = line.between(first, split);
            draft.group = line.between(split, end);
        }
    }
}

/// UniTree: the archive or disk, and the file's family, before the size.
pub(super) fn is_unitree(line: &Line<'_>, size: usize) -> bool {
    size >= 5 && matches!(line.word(size - 2), Some(b"AR" | b"DK"))
}

/// Mac servers: the sizes of both forks before that of the whole, or the word `folder`.
fn is_forks(line: &Line<'_>, words: Range<usize>, size: Option<u64>) -> bool {
    let number = |at| line.word(at).and_then(decimal);
    match words.len() {
        1 => line.word(words.start) == Some(b"folder"),
        2 => match (number(words.start), number(words.start + 1), size) {
            (Some(one), Some(other), Some(size)) => {
                // `1 0` could be one link and the number of an owner.
                (other > 0 || one > 1) && one.checked_add(other) == Some(size)
            }
            _ => false,
        },
        _ => false,
    }
}

/// The word behind the one gap that is wider than all others.
fn widest_gap(line: &Line<'_>, words: Range<usize>) -> Option<usize> {
    let gap = |at: usize| Some((line.start(at)? - line.end(at - 1)?, at));
    let gaps = || (words.start + 1..words.end).filter_map(gap);
    let (widest, at) = gaps().max_by_key(|&(width, _)| width)?;
    let is_alone = gaps().filter(|&(width, _)| width == widest).count() == 1;
    (is_alone && widest > 1).then_some(at)
}
