// Builds one HTML file with everything inside: tileloom/report/page/template.html.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const root = import.meta.dirname;
const output = resolve(root, "../tileloom/report/page/template.html");

/** FNV-1a (64 bit) over name and content of every source; tileloom/report/page/page_test.cpp computes the same. */
function sourceHash(): string {
  const files = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];
  for (const name of readdirSync(join(root, "src"))) files.push(`src/${name}`);
  let hash = 0xcbf29ce484222325n;
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  };
  for (const name of files.sort()) {
    add(new TextEncoder().encode(name + "\n"));
    add(readFileSync(join(root, name)));
  }
  return hash.toString(16).padStart(16, "0");
}

/** Non-ASCII characters as numeric references, so that the template embeds as plain bytes anywhere. */
function ascii(html: string): string {
  return html.replace(/[^\x00-\x7f]/gu, (c) => `&#${c.codePointAt(0)};`);
}

/** Puts the script and the style sheet into the page and the page where the C++ build finds it. */
function singleFile(): Plugin {
  return {
    name: "single-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      let script = "";
      let style = "";
      let page = "";
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") script += file.code;
        else if (file.fileName.endsWith(".css")) style += String(file.source);
        else if (file.fileName.endsWith(".html")) page = String(file.source);
      }
      if (/<\/script|<!--/i.test(script)) throw new Error("the script would end its own element");
      if (/[^\x00-\x7f]/.test(script + style)) throw new Error("script and style must be ASCII");
      page = page
        .replace(/<script type="module"[^>]*><\/script>\s*/, "")
        .replace(/<link rel="stylesheet"[^>]*>\s*/, () => `<style>${style.trim()}</style>\n  `)
        .replace("__SOURCES__", sourceHash())
        .replace("</body>", () => `<script>${script.trim()}</script>\n</body>`);
      writeFileSync(output, ascii(page));
    },
  };
}

export default defineConfig({
  root,
  base: "./",
  plugins: [singleFile()],
  esbuild: { charset: "ascii", legalComments: "inline" },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 1 << 20,
    cssCodeSplit: false,
    modulePreload: false,
    minify: "esbuild",
    rollupOptions: { output: { format: "iife" } },
  },
});
