//! One behaviour suite over every server of the lab.
//!
//! Each server runs in each column it can: passive and active, IPv4 and IPv6 (Twisted and ftp-srv
//! listen on IPv4 only), and under TLS 1.2 and 1.3, explicit and implicit. Each test starts its own server over its own directory, and its name says all:
//! `cargo test --test lab vsftpd::passive_v4`. Where a server differs, [`deviations`] says how, and the
//! test asserts that instead; nothing is skipped but servers that are not installed, and those aloud.
//! With `WHARF_LAB=required` a server of tier 1 that is not installed is a failure.
//!
//! A failed test shows the conversation.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod awkward;
mod berth;
mod best;
mod bulk;
mod content;
mod cuts;
mod deviations;
mod endurance;
mod files;
mod listings;
mod missing;
mod names;
mod secured;
mod sessions;
#[path = "../../examples/endurance/voyage.rs"]
mod voyage;

/// A module for each server, with one for each column in it.
macro_rules! servers {
    ($($module:ident $name:literal: $($column:ident)*;)*) => {$(
        mod $module {
            $(behaviours!($name, $column);)*
        }
    )*};
}

/// The tests of a column, in a module of its name, or those of a group of columns.
macro_rules! behaviours {
    ($name:literal, passive_v4) => {
        behaviours!(all $name, passive_v4, PassiveV4, Clear);
        // The column changes nothing about what is listed.
        behaviours!($name, chosen, PassiveV4, Clear:
            awkward::every_awkward_name_is_listed_as_it_is
            best::all_that_is_there_is_listed
            best::a_directory_is_listed_whatever_it_is_called
            best::a_directory_that_is_missing_is_not_an_empty_one
            best::a_directory_that_may_not_be_read_is_neither_empty_nor_in_itself
            best::a_file_is_listed_as_itself
            best::what_is_below_is_listed_where_the_server_can
            best::a_path_is_told_of_whatever_it_takes);
        // Many sessions, and the column changes nothing.
        behaviours!($name, any_poll, PassiveV4, Clear:
            cuts::a_future_dropped_at_any_poll_leaves_the_session_in_step);
    };
    ($name:literal, passive_v6) => { behaviours!(all $name, passive_v6, PassiveV6, Clear); };
    ($name:literal, active_v4) => { behaviours!(all $name, active_v4, ActiveV4, Clear); };
    ($name:literal, active_v6) => { behaviours!(all $name, active_v6, ActiveV6, Clear); };
    ($name:literal, no_active_v4) => {
        behaviours!($name, active_v4, ActiveV4, Clear:
            sessions::active_mode_is_refused_and_passive_still_works);
    };
    ($name:literal, no_active_v6) => {
        behaviours!($name, active_v6, ActiveV6, Clear:
            sessions::active_mode_is_refused_and_passive_still_works);
    };
    // Everything once under TLS, and what has to do with data connections in every combination.
    ($name:literal, explicit_tls) => {
        behaviours!(all $name, tls13_passive_v4, PassiveV4, Tls13);
        behaviours!($name, tls13_passive_v4_secured, PassiveV4, Tls13:
            secured::every_data_connection_continues_the_session
            secured::a_server_of_another_authority_is_not_trusted
            secured::files_go_in_clear_text_if_the_caller_says_so
            secured::commands_go_in_clear_text_if_the_caller_says_so
            cuts::a_future_dropped_at_any_poll_leaves_the_session_in_step
        );
        behaviours!(data $name, tls13_active_v4, ActiveV4, Tls13);
        behaviours!(data $name, tls12_passive_v4, PassiveV4, Tls12);
        behaviours!(data $name, tls12_active_v4, ActiveV4, Tls12);
    };
    ($name:literal, implicit_tls) => {
        behaviours!($name, implicit_tls_passive);
        behaviours!(data $name, implicit_tls13_active_v4, ActiveV4, ImplicitTls13);
        behaviours!(data $name, implicit_tls12_active_v4, ActiveV4, ImplicitTls12);
    };
    ($name:literal, implicit_tls_passive) => {
        behaviours!(data $name, implicit_tls13_passive_v4, PassiveV4, ImplicitTls13);
        behaviours!(data $name, implicit_tls12_passive_v4, PassiveV4, ImplicitTls12);
    };
    // An address of the other family is the only thing that is different there.
    ($name:literal, explicit_tls_v6) => {
        behaviours!(data $name, tls13_passive_v6, PassiveV6, Tls13);
        behaviours!(data $name, tls13_active_v6, ActiveV6, Tls13);
    };
    // Where session reuse is demanded.
    ($name:literal, endurance) => {
        behaviours!($name, tls13_endurance, PassiveV4, Tls13:
            endurance::one_connection_endures
            endurance::four_connections_endure);
        behaviours!($name, tls12_endurance, PassiveV4, Tls12:
            endurance::one_connection_endures
            endurance::four_connections_endure);
    };
    (all $name:literal, $module:ident, $column:ident, $security:ident) => {
        behaviours!($name, $module, $column, $security:
            files::what_was_stored_is_retrieved
            files::an_offset_retrieves_the_rest
            files::an_offset_overwrites_from_there
            files::appending_adds_to_the_end
            files::empty_files_go_both_ways
            listings::a_directory_is_listed
            listings::facts_are_listed
            listings::names_are_listed
            listings::an_empty_directory_has_no_entries
            names::directories_are_made_and_removed
            names::a_file_is_renamed_and_removed
            names::odd_names_go_both_ways
            names::the_byte_that_telnet_reserves_is_a_byte_of_a_name
            missing::what_is_missing_is_not_found
            missing::a_missing_directory_is_listed_as_the_server_does
            bulk::a_large_file_goes_both_ways
            bulk::a_thousand_transfers_go_through_one_connection
            cuts::an_aborted_download_leaves_the_session_in_step
            cuts::an_aborted_upload_leaves_the_session_in_step
            cuts::a_dropped_download_leaves_the_session_in_step
            cuts::a_dropped_upload_leaves_the_session_in_step
            cuts::a_dropped_listing_leaves_the_session_in_step
            sessions::two_clients_do_not_disturb_each_other
            sessions::quit_ends_the_session
        );
    };
    (data $name:literal, $module:ident, $column:ident, $security:ident) => {
        behaviours!($name, $module, $column, $security:
            files::what_was_stored_is_retrieved
            files::an_offset_retrieves_the_rest
            files::empty_files_go_both_ways
            listings::a_directory_is_listed
            names::odd_names_go_both_ways
            missing::what_is_missing_is_not_found
            cuts::an_aborted_download_leaves_the_session_in_step
            cuts::an_aborted_upload_leaves_the_session_in_step
            cuts::a_dropped_download_leaves_the_session_in_step
            cuts::a_dropped_upload_leaves_the_session_in_step
            cuts::a_dropped_listing_leaves_the_session_in_step
            sessions::two_clients_do_not_disturb_each_other
            secured::every_data_connection_continues_the_session
        );
    };
    ($name:literal, $module:ident, $column:ident, $security:ident: $($group:ident::$behaviour:ident)*) => {
        mod $module {$(
            #[test]
            fn $behaviour() {
                crate::berth::run(
                    $name,
                    crate::berth::Column::$column,
                    crate::berth::Security::$security,
                    crate::$group::$behaviour,
                );
            }
        )*}
    };
}

servers! {
    vsftpd "vsftpd": passive_v4 passive_v6 active_v4 active_v6
        explicit_tls explicit_tls_v6 implicit_tls endurance;
    proftpd "proftpd": passive_v4 passive_v6 active_v4 active_v6
        explicit_tls implicit_tls endurance;
    pure_ftpd "pure-ftpd": passive_v4 passive_v6 active_v4 active_v6 explicit_tls;
    inetutils "inetutils": passive_v4 passive_v6 active_v4 active_v6;
    pyftpdlib "pyftpdlib": passive_v4 passive_v6 active_v4 active_v6 explicit_tls implicit_tls;
    libunftp "libunftp": passive_v4 passive_v6 active_v4 no_active_v6 explicit_tls;
    linux_ftpd "linux-ftpd": passive_v4 passive_v6 active_v4 active_v6;
    gridftp "gridftp": passive_v4 passive_v6 active_v4 active_v6;
    aioftp "aioftp": passive_v4 passive_v6 no_active_v4 no_active_v6 implicit_tls_passive;
    twisted "twisted": passive_v4 active_v4;
    ftp_srv "ftp-srv": passive_v4 active_v4 explicit_tls implicit_tls;
    // Ours. Without TLS it has tests of its own.
    embedded "embedded": explicit_tls implicit_tls;
}
