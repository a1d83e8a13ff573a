//! One reader for each dialect, and how far it may be believed.

use super::Dialect;
use super::reader::Reader;
use super::{
    clearpath, connect_enterprise, distinct, dls, dos, eplf, gcos, ka9q, micro_rtos, mlsx, mpe,
    music, mvs, mvs_jobs, mvs_members, name_first, names, netware, nonstop, os2, os9, os400,
    tops20, tsx, unix, vm, vms, vos, vse, vshell, vxworks,
};

/// When a line is read in a dialect that is not that of its listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Never: only a whole listing can be told to be of it.
    Listing,
    /// Where the listing is of no dialect that is known.
    Line,
    /// Always: its lines are found in the listings of others, and are no others'.
    Common,
}

/// How far the lines of a dialect can be told alone.
pub(super) fn scope(dialect: Dialect) -> Scope {
    match dialect {
        Dialect::Eplf | Dialect::Mlsx | Dialect::Vms | Dialect::Dos | Dialect::Unix => {
            Scope::Common
        }
        Dialect::MicroRtos | Dialect::Ka9q | Dialect::Tsx | Dialect::Dls | Dialect::Names => {
            Scope::Listing
        }
        _ => Scope::Line,
    }
}

/// A reader for a listing that is suspected to be of a dialect.
pub(super) fn suspected(dialect: Dialect) -> Box<dyn Reader + Send + Sync> {
    match dialect {
        Dialect::Eplf => Box::new(eplf::Eplf),
        Dialect::Mlsx => Box::new(mlsx::Mlsx::suspected()),
        Dialect::Vms => Box::new(vms::Vms::default()),
        Dialect::NonStop => Box::new(nonstop::NonStop),
        Dialect::Os400 => Box::new(os400::Os400::default()),
        Dialect::NetWare => Box::new(netware::NetWare),
        Dialect::Dos => Box::new(dos::Dos::default()),
        Dialect::VmCms => Box::new(vm::Cms),
        Dialect::VmBfs => Box::new(vm::Bfs),
        Dialect::VmReader => Box::new(vm::VirtualReader),
        Dialect::Mvs => Box::new(mvs::Mvs::default()),
        Dialect::MvsMembers => Box::new(mvs_members::Members::default()),
        Dialect::MvsJobs => Box::new(mvs_jobs::Jobs),
        Dialect::Vse => Box::new(vse::Vse),
        Dialect::Vos => Box::new(vos::Vos),
        Dialect::ConnectEnterprise => Box::new(connect_enterprise::ConnectEnterprise),
        Dialect::Gcos7 => Box::new(gcos::Gcos7),
        Dialect::Gcos8 => Box::new(gcos::Gcos8),
        Dialect::ClearPath => Box::new(clearpath::ClearPath::default()),
        Dialect::Mpe => Box::new(mpe::Mpe),
        Dialect::Os2 => Box::new(os2::Os2::default()),
        Dialect::Os9 => Box::new(os9::Os9),
        Dialect::Music => Box::new(music::Music),
        Dialect::VxWorks => Box::new(vxworks::VxWorks),
        Dialect::Distinct => Box::new(distinct::Distinct),
        Dialect::VShell => Box::new(vshell::VShell),
        Dialect::Unix => Box::new(unix::Unix::default()),
        Dialect::NameFirst => Box::new(name_first::NameFirst::default()),
        Dialect::MicroRtos => Box::new(micro_rtos::MicroRtos::default()),
        Dialect::Ka9q => Box::new(ka9q::Ka9q),
        Dialect::Tsx => Box::new(tsx::Tsx::suspected()),
        Dialect::Tops20 => Box::new(tops20::Tops20::default()),
        Dialect::Dls => Box::new(dls::Dls::default()),
        Dialect::Names => Box::new(names::Names::suspected()),
    }
}

/// A reader for a listing of which it is known what it is of.
pub(super) fn asked_for(dialect: Dialect) -> Box<dyn Reader + Send + Sync> {
    match dialect {
        Dialect::Mlsx => Box::new(mlsx::Mlsx::asked_for()),
        Dialect::Names => Box::new(names::Names::asked_for()),
        Dialect::Tsx => Box::new(tsx::Tsx::asked_for()),
        _ => suspected(dialect),
    }
}
