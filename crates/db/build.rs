//! Notices when a migration changes: the embedding macro alone does not make cargo build again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::{env, fs, path::Path};

fn main() -> std::io::Result<()> {
    let folder = Path::new("../../migrations");
    let mut hasher = DefaultHasher::new();
    for engine in ["sqlite", "postgres"] {
        println!("cargo::rerun-if-changed=../../migrations/{engine}");
        let mut migrations: Vec<_> = fs::read_dir(folder.join(engine))?.flatten().map(|entry| entry.path()).collect();
        migrations.sort();
        for migration in migrations {
            for script in ["up.sql", "down.sql"] {
                fs::read_to_string(migration.join(script))?.hash(&mut hasher);
            }
        }
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("migrations_hash"), hasher.finish().to_string())
}
