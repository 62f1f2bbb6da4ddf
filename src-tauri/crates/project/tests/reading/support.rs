//! Small projects written by the tests themselves.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zonke_project::{Backend, Findings, Frontend, InspectOptions, Question, inspect, inspect_with};

/// A folder with a project in it.
pub(crate) struct Project {
    dir: TempDir,
}

pub(crate) const NEST: &str = r#"{"name":"api","scripts":{"build":"nest build","start:prod":"node dist/main"},
"dependencies":{"@nestjs/core":"^11.0.0","@nestjs/common":"^11.0.0","@nestjs/config":"^4.0.0"},
"devDependencies":{"@nestjs/cli":"^11.0.0","typescript":"^5.9.0"}}"#;

pub(crate) const TSCONFIG: &str = r#"{"compilerOptions":{"outDir":"./dist","baseUrl":"./","module":"commonjs"}}"#;

pub(crate) const TSCONFIG_BUILD: &str = r#"{"extends":"./tsconfig.json","exclude":["node_modules","test","dist","**/*spec.ts"]}"#;

pub(crate) const MAIN: &str = "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\n\
async function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  await app.listen(process.env.PORT ?? 3000);\n}\nbootstrap();\n";

pub(crate) const MODULE: &str = "import { Module } from '@nestjs/common';\n@Module({})\nexport class AppModule {}\n";

pub(crate) const WEB: &str = r#"{"name":"web","private":true,"scripts":{"build":"vite build"},
"dependencies":{"react":"^19.0.0","react-dom":"^19.0.0"},"devDependencies":{"vite":"^7.0.0"}}"#;

pub(crate) const WEB_MAIN: &str = "import { createRoot } from 'react-dom/client';\nimport { App } from './App';\ncreateRoot(document.getElementById('root')!).render(<App />);\n";

pub(crate) const WEB_APP: &str = "export function App() {\n  return <p onClick={() => fetch('/api/things')}>hello</p>;\n}\n";

impl Project {
    pub(crate) fn empty() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    /// A NestJS application in `api`, as the scaffold makes it.
    pub(crate) fn nest() -> Self {
        Self::empty()
            .file("api/package.json", NEST)
            .file("api/package-lock.json", "{}")
            .file("api/nest-cli.json", r#"{"sourceRoot":"src"}"#)
            .file("api/tsconfig.json", TSCONFIG)
            .file("api/tsconfig.build.json", TSCONFIG_BUILD)
            .file("api/src/main.ts", MAIN)
            .file("api/src/app.module.ts", MODULE)
    }

    /// A React application in `web`.
    pub(crate) fn react() -> Self {
        Self::empty().with_react()
    }

    /// Both halves.
    pub(crate) fn both() -> Self {
        Self::nest().with_react()
    }

    pub(crate) fn with_react(self) -> Self {
        self.file("web/package.json", WEB)
            .file("web/package-lock.json", "{}")
            .file(
                "web/index.html",
                "<div id=root></div><script type=module src=/src/main.tsx></script>",
            )
            .file(
                "web/vite.config.ts",
                "import { defineConfig } from 'vite';\nexport default defineConfig({});\n",
            )
            .file("web/src/main.tsx", WEB_MAIN)
            .file("web/src/App.tsx", WEB_APP)
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let full = self.dir.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
        self
    }

    /// The start file of the API, with this body of `bootstrap` after the application was created.
    pub(crate) fn bootstrap(self, body: &str) -> Self {
        let text = format!(
            "import {{ NestFactory }} from '@nestjs/core';\nimport {{ ConfigService }} from '@nestjs/config';\nimport {{ AppModule }} from './app.module';\n\
             async function bootstrap() {{\n  const app = await NestFactory.create(AppModule);\n{body}\n}}\nvoid bootstrap();\n"
        );
        self.file("api/src/main.ts", &text)
    }

    pub(crate) fn without(self, path: &str) -> Self {
        fs::remove_file(self.dir.path().join(path)).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn findings(&self) -> Findings {
        inspect(self.path()).unwrap()
    }

    pub(crate) fn findings_with(&self, options: &InspectOptions) -> Findings {
        inspect_with(self.path(), options).unwrap()
    }

    pub(crate) fn backend(&self) -> Backend {
        let findings = self.findings();
        findings
            .backend()
            .cloned()
            .unwrap_or_else(|| panic!("no back end: {}", findings.reason))
    }

    pub(crate) fn frontend(&self) -> Frontend {
        let findings = self.findings();
        findings
            .frontend()
            .cloned()
            .unwrap_or_else(|| panic!("no front end: {}", findings.reason))
    }
}

/// Whether a warning of this name is among the findings.
pub(crate) fn warns(findings: &Findings, code: &str) -> bool {
    findings.warnings.iter().any(|w| w.code == code)
}

/// The open question about a field.
pub(crate) fn question<'f>(findings: &'f Findings, field: &str) -> Option<&'f Question> {
    findings.questions.iter().find(|q| q.field == field)
}

/// File and line of the evidence for a field.
pub(crate) fn evidence<'f>(findings: &'f Findings, field: &str) -> Option<(&'f str, Option<u32>)> {
    findings
        .evidence
        .iter()
        .find(|e| e.field == field)
        .map(|e| (e.file.as_str(), e.line))
}
