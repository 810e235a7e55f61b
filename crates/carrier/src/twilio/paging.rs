//! Pages of a list as the API writes them, and its dates.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Items of a page when the request does not say.
const PAGE_SIZE: usize = 50;
/// Most items of a page.
const MAX_PAGE_SIZE: usize = 1_000;

/// A list request: where it stands and what it filters by.
pub struct Page {
    path: String,
    filters: Vec<(String, String)>,
    size: usize,
    number: usize,
    token: Option<String>,
}

impl Page {
    /// Reads the query. `PageToken` names the last item of the page before, as `PA` + its sid.
    pub fn of(path: String, query: &[(String, String)]) -> Self {
        let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        Self {
            size: value("PageSize").and_then(|size| size.parse().ok()).unwrap_or(PAGE_SIZE).clamp(1, MAX_PAGE_SIZE),
            number: value("Page").and_then(|page| page.parse().ok()).unwrap_or(0),
            token: value("PageToken").map(str::to_owned),
            filters: query
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "PageSize" | "Page" | "PageToken"))
                .cloned()
                .collect(),
            path,
        }
    }

    /// Cuts this page out of all items, which come in list order with their sids.
    pub fn cut<T>(
        &self,
        items: impl Iterator<Item = T>,
        sid: impl Fn(&T) -> &str,
        key: &str,
        write: impl Fn(&T) -> Value,
    ) -> Value {
        let mut items = items.peekable();
        if let Some(after) = self.token.as_deref().and_then(|t| t.strip_prefix("PA")) {
            while items.next_if(|item| sid(item) != after).is_some() {}
            items.next();
        } else {
            let skipped = self.number.saturating_mul(self.size);
            for _ in 0..skipped {
                if items.next().is_none() {
                    break;
                }
            }
        }
        let mut page = Vec::new();
        while page.len() < self.size {
            match items.next() {
                Some(item) => page.push(item),
                None => break,
            }
        }
        let start = self.number.saturating_mul(self.size);
        let next = page
            .last()
            .filter(|_| items.peek().is_some())
            .map(|last| self.uri(self.number + 1, Some(&format!("PA{}", sid(last)))));
        let previous = (self.number > 0).then(|| self.uri(self.number - 1, None));
        let mut answer = Map::new();
        answer.insert("first_page_uri".into(), json!(self.uri(0, None)));
        answer.insert("next_page_uri".into(), json!(next));
        answer.insert("previous_page_uri".into(), json!(previous));
        answer.insert("uri".into(), json!(self.uri(self.number, self.token.as_deref())));
        answer.insert("page".into(), json!(self.number));
        answer.insert("page_size".into(), json!(self.size));
        answer.insert("start".into(), json!(start));
        answer.insert("end".into(), json!(start + page.len().saturating_sub(1)));
        answer.insert(key.into(), page.iter().map(write).collect());
        Value::Object(answer)
    }

    fn uri(&self, number: usize, token: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query.append_pair("PageSize", &self.size.to_string());
        query.append_pair("Page", &number.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", token);
        }
        format!("{}?{}", self.path, query.finish())
    }
}

/// `Thu, 24 Aug 2023 05:01:45 +0000`.
pub fn rfc2822(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
