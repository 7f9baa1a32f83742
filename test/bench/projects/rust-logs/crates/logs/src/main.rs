mod report;
mod summary;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use summary::Summary;

fn main() -> ExitCode {
    let mut summary = Summary::default();
    let mut faults = 0;
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else {
            eprintln!("logs: the input is not UTF-8");
            return ExitCode::FAILURE;
        };
        match parse::parse(&line) {
            Ok(request) => summary.add(&request),
            Err(fault) => {
                faults += 1;
                eprintln!("logs: {fault}");
            }
        }
    }
    let text = report::write(&summary);
    if io::stdout().write_all(text.as_bytes()).is_err() || faults > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
