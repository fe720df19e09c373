//! Prints which step is running, that it still runs, and how long it took. It only writes whole
//! lines, so the output is the same in a terminal and in a log.

use anyhow::Result;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest time without a line.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a step that may have nothing to do stays silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs a step and prints a line when it starts and when it ends.
pub fn step<T>(what: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let step = Step::begin(what, print);
    step.announce();
    let result = run();
    step.end(result.is_ok());
    result
}

/// Runs a step that may have nothing to do. If so, it prints nothing.
pub fn step_if_slow<T>(what: &str, run: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
    let step = Step::begin(what, print);
    let result = run(&step);
    step.end(result.is_ok());
    result
}

fn print(line: &str) {
    println!("{line}");
}

/// A step that is running.
pub struct Step {
    state: Arc<State>,
    /// Closed when the step ends.
    running: Sender<()>,
    clock: JoinHandle<()>,
}

struct State {
    what: String,
    begun: Instant,
    print: fn(&str),
    /// When its last line was printed; `None` until it is announced.
    last_line: Mutex<Option<Instant>>,
}

impl Step {
    fn begin(what: &str, print: fn(&str)) -> Self {
        let state = Arc::new(State {
            what: what.to_owned(),
            begun: Instant::now(),
            print,
            last_line: Mutex::new(None),
        });
        let (running, ended) = mpsc::channel();
        let clock = thread::spawn({
            let state = Arc::clone(&state);
            move || state.watch(&ended)
        });
        Self { state, running, clock }
    }

    /// Prints that the step has started, once.
    pub fn announce(&self) {
        self.state.line(&[]);
    }

    /// Prints a line from a program.
    pub fn forward(&self, line: &str) {
        self.state.line(&[line]);
    }

    fn end(self, is_good: bool) {
        drop(self.running);
        // The thread only panics if printing fails.
        let _ = self.clock.join();
        let took = time(self.state.begun.elapsed());
        let word = if is_good { "done" } else { "failed" };
        let is_announced = self.state.last_line().is_some();
        if is_announced {
            (self.state.print)(&format!("  {word} in {took}"));
        }
    }
}

impl State {
    fn last_line(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.last_line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints lines. The first one is preceded by the announcement.
    fn line(&self, lines: &[&str]) {
        let mut last_line = self.last_line();
        if last_line.is_none() {
            (self.print)(&self.what);
        }
        for line in lines {
            (self.print)(line);
        }
        *last_line = Some(Instant::now());
    }

    /// Prints that the step is still running after a long silence.
    fn watch(&self, ended: &Receiver<()>) {
        let mut wait = PATIENCE;
        while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            let silent = self.last_line().map(|instant| instant.elapsed());
            wait = match silent {
                None => {
                    self.line(&[]);
                    SILENCE
                }
                Some(silent) if silent < SILENCE => SILENCE - silent,
                Some(_) => {
                    let seconds = self.begun.elapsed().as_secs();
                    self.line(&[&format!("  still running after {seconds} s")]);
                    SILENCE
                }
            };
        }
    }
}

/// A duration in seconds, or in minutes and seconds from a minute on.
pub fn time(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    match tenths / 600 {
        0 => format!("{}.{} s", tenths / 10, tenths % 10),
        minutes => format!("{minutes} min {:2} s", tenths % 600 / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, step_if_slow, time};
    use std::sync::Mutex;
    use std::time::Duration;

    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn collect(line: &str) {
        if let Ok(mut lines) = LINES.lock() {
            lines.push(line.to_owned());
        }
    }

    #[test]
    fn a_step_is_announced_once_and_only_if_it_prints() {
        Step::begin("nothing to do", collect).end(true);
        let step = Step::begin("compiling", collect);
        step.forward("Compiling a");
        step.announce();
        step.forward("Compiling b");
        step.end(false);
        let lines = LINES.lock().map(|lines| lines.clone()).unwrap_or_default();
        let (last, others) = lines.split_last().unwrap();
        assert_eq!(others, ["compiling", "Compiling a", "Compiling b"]);
        assert!(last.starts_with("  failed in "), "{last}");
    }

    #[test]
    fn a_step_returns_its_result() {
        assert_eq!(step_if_slow("two", |_| Ok(2)).ok(), Some(2));
        assert!(step_if_slow("none", |_| Err::<(), _>(anyhow::anyhow!("none"))).is_err());
    }

    #[test]
    fn times_have_minutes_from_a_minute_on() {
        for (milliseconds, text) in [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (50, "0.1 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min  0 s"),
            (754_321, "12 min 34 s"),
            (3_600_000, "60 min  0 s"),
        ] {
            assert_eq!(time(Duration::from_millis(milliseconds)), text);
        }
    }
}
