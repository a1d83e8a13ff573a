//! The progress bar: on a terminal only, on standard error.

use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far one transfer is. Shows nothing unless it was made for a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Progress {
    /// A progress that nobody sees.
    pub(crate) fn hidden() -> Self {
        Self {
            bar: None,
            begun: Instant::now(),
        }
    }

    /// A bar with a name, of a transfer of `total` bytes if that is known, of which `done` were
    /// moved by an earlier run.
    pub(crate) fn bar(name: &str, total: Option<u64>, done: u64) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        bar.set_style(style(total.is_some()));
        bar.set_message(name.to_owned());
        bar.set_position(done);
        // The rate is that of this run.
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar: Some(bar),
            begun: Instant::now(),
        }
    }

    /// So many bytes more were moved.
    pub(crate) fn advance(&self, bytes: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    /// Takes the bar away and returns a line that sums up: how much, how long, how fast.
    pub(crate) fn finish(&self, bytes: u64) -> String {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        summary(bytes, self.begun.elapsed())
    }
}

/// A bar must not stay on the terminal when its transfer fails or is given up.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(length_known: bool) -> ProgressStyle {
    let template = if length_known {
        "{wide_msg} {bytes:>10} of {total_bytes:<10} {binary_bytes_per_sec:>12} {eta:>4} [{bar:20}]"
    } else {
        "{wide_msg} {bytes:>10} {binary_bytes_per_sec:>12} {elapsed:>4} {spinner}"
    };
    ProgressStyle::with_template(template)
        .expect("both templates are well-formed")
        .progress_chars("=> ")
}

fn summary(bytes: u64, time: Duration) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for people needs three digits"
    )]
    let rate = (bytes as f64 / time.as_secs_f64().max(0.001)) as u64;
    let time = if time < Duration::from_mins(1) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        HumanDuration(time).to_string()
    };
    format!("{} in {time} ({}/s)", HumanBytes(bytes), HumanBytes(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_well_formed() {
        let _both = (style(true), style(false));
    }

    #[test]
    fn the_summary_says_how_much_how_long_and_how_fast() {
        assert_eq!(
            summary(3 << 20, Duration::from_millis(1500)),
            "3.00 MiB in 1.5 s (2.00 MiB/s)"
        );
        assert_eq!(summary(0, Duration::ZERO), "0 B in 0.0 s (0 B/s)");
        assert_eq!(
            summary(120 << 10, Duration::from_mins(2)),
            "120.00 KiB in 2 minutes (1.00 KiB/s)"
        );
    }
}
