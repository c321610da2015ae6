/// Says who serves.
pub fn from(name: &str) -> String {
    format!("served by {name}")
}
