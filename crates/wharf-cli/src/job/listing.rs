//! What the arguments of the commands that list mean.

use std::time::SystemTime;

use wharf::Timestamp;

use crate::args::{DuArgs, FindArgs, LsArgs, TreeArgs};
use crate::cmd::{du, find, ls, tree};
use crate::failure::Failure;
use crate::listing::date::Moment;
use crate::listing::filter::Filter;
use crate::listing::order::{By, Order};
use crate::listing::pattern::Pattern;

pub(super) fn list(args: &LsArgs) -> ls::Options {
    let by = match (args.size, args.time) {
        (true, _) => By::Size,
        (false, true) => By::Time,
        (false, false) => By::Name,
    };
    let reverse = args.reverse;
    ls::Options {
        form: match (args.raw, args.json, args.long) {
            (true, ..) => ls::Form::Raw,
            (false, true, _) => ls::Form::Json,
            (false, false, true) => ls::Form::Long {
                human: args.human_readable,
            },
            (false, false, false) => ls::Form::Names,
        },
        order: (!args.unsorted).then_some(Order { by, reverse }),
        hidden: args.all,
        recursive: args.recursive,
        utc: args.utc,
    }
}

pub(super) fn tree(args: &TreeArgs) -> tree::Options {
    tree::Options {
        depth: args.level.map_or(usize::MAX, usize::from),
        hidden: args.all,
        files: !args.dirs_only,
        json: args.json,
    }
}

pub(super) fn find(args: &FindArgs, now: SystemTime) -> Result<find::Options, Failure> {
    let moment = |moment: Option<Moment>| -> Result<Option<Timestamp>, Failure> {
        let Some(moment) = moment else {
            return Ok(None);
        };
        let time = moment.resolve(now);
        time.map(Some)
            .ok_or_else(|| Failure::usage("an age that begins before the year 0"))
    };
    Ok(find::Options {
        filter: Filter {
            names: patterns(&args.name)
                .chain(patterns(&args.iname).map(Pattern::in_any_case))
                .collect(),
            path: args.path.as_deref().map(Pattern::new),
            kinds: args.kinds.clone(),
            sizes: args.size.clone(),
            newer_than: moment(args.newer_than)?,
            older_than: moment(args.older_than)?,
        },
        min_depth: args.min_depth.map_or(0, usize::from),
        max_depth: args.max_depth.map_or(usize::MAX, usize::from),
        utc: args.utc,
        form: match (args.json, args.print0) {
            (true, _) => find::Form::Json,
            (false, true) => find::Form::Nul,
            (false, false) => find::Form::Lines,
        },
    })
}

fn patterns(texts: &[String]) -> impl Iterator<Item = Pattern> {
    texts.iter().map(|text| Pattern::new(text))
}

pub(super) fn usage(args: &DuArgs) -> du::Options {
    du::Options {
        form: match (args.json, args.human_readable) {
            (true, _) => du::Form::Json,
            (false, true) => du::Form::Human,
            (false, false) => du::Form::Bytes,
        },
        files: args.all,
        depth: match (args.summarize, args.max_depth) {
            (true, _) => 0,
            (false, Some(depth)) => depth.into(),
            (false, None) => usize::MAX,
        },
    }
}
