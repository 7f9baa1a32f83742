use std::collections::{BTreeMap, HashMap, HashSet};

use parse::Request;

#[derive(Default)]
pub struct Hour {
    pub requests: u64,
    pub bytes: u64,
    pub failures: u64,
}

#[derive(Default)]
pub struct Summary {
    pub hours: BTreeMap<u8, Hour>,
    clients: HashSet<String>,
    paths: HashMap<String, u64>,
}

impl Summary {
    pub fn add(&mut self, request: &Request<'_>) {
        let hour = self.hours.entry(request.hour).or_default();
        hour.requests += 1;
        hour.bytes += request.bytes;
        if request.status >= 500 {
            hour.failures += 1;
        }
        self.clients.insert(request.client.to_string());
        *self.paths.entry(format!("{} {}", request.method, request.path)).or_default() += 1;
    }

    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// The most frequent paths, ties in alphabetical order.
    pub fn top(&self, count: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self.paths.iter().map(|(path, &hits)| (path.as_str(), hits)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all.truncate(count);
        all
    }
}
