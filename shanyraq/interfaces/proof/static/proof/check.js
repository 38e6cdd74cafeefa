// Checks a receipt inside the browser: nothing is sent. What only the log can say, the form below asks it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-check]");
  const told = document.getElementById("check-told");
  const place = document.querySelector("[data-check-here]");
  if (!form || !told || !place || !window.crypto || !crypto.subtle) return;
  const { log, keys, texts } = JSON.parse(told.textContent);
  const encoder = new TextEncoder();

  const hexOf = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const bytesOf = (hex) => {
    if (typeof hex !== "string" || !/^([0-9a-f]{2})+$/.test(hex)) throw new Damage("malformed");
    return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  };
  const base64 = (text) => {
    try { return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)); } catch { throw new Damage("malformed", "checkpoint"); }
  };
  const joined = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };
  const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

  class Damage extends Error {
    constructor(code, where = "") { super(code); this.code = code; this.where = where; }
  }

  // keys sorted, no spaces, letters as they are: the same text as Python's
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  };

  const rootOf = async (leaf, index, size, path) => {
    if (size <= 1 || path.length === 0) return size === 1 && path.length === 0 ? leaf : null;
    let left = 1;
    while (left * 2 < size) left *= 2;
    const last = path[path.length - 1], rest = path.slice(0, -1), one = Uint8Array.of(1);
    const below = index < left ? await rootOf(leaf, index, left, rest) : await rootOf(leaf, index - left, size - left, rest);
    return below && (index < left ? sha(one, below, last) : sha(one, last, below));
  };

  const noteOf = (note) => {
    const cut = String(note).indexOf("\n\n");
    const [origin, size, root] = String(note).slice(0, Math.max(cut, 0)).split("\n");
    if (cut < 0 || !/^[1-9][0-9]{0,14}$/.test(size) || !root) throw new Damage("malformed", "checkpoint");
    const lines = note.slice(cut + 2).split("\n").map((line) => line.split(" "));
    const raw = lines.filter(([dash, name]) => dash === "—" && name === origin).map(([, , value]) => base64(value));
    return { origin, size: Number(size), root: base64(root), text: encoder.encode(note.slice(0, cut + 1)), raw };
  };

  const checkForm = (receipt) => {
    const kinds = { form: "string", log: "string", code: "string", checkpoint: "string" };
    for (const [name, kind] of Object.entries(kinds)) if (typeof receipt?.[name] !== kind) throw new Damage("malformed", name);
    if (receipt.form !== "shanyraq-receipt/1") throw new Damage("malformed", "form");
    if (!Array.isArray(receipt.entries) || receipt.entries.length === 0) throw new Damage("malformed", "entries");
    receipt.entries.forEach((entry, at) => {
      for (const name of ["leaf", "leaf_hash", "salt", "subject", "digest"]) {
        if (typeof entry?.[name] !== "string") throw new Damage("malformed", `entries[${at}].${name}`);
      }
      if (!Number.isSafeInteger(entry.index)) throw new Damage("malformed", `entries[${at}].index`);
      if (!Array.isArray(entry.path)) throw new Damage("malformed", `entries[${at}].path`);
      if (entry.payload === null || typeof entry.payload !== "object" || Array.isArray(entry.payload)) {
        throw new Damage("malformed", `entries[${at}].payload`);
      }
    });
    return noteOf(receipt.checkpoint);
  };

  const checkLeaf = async (entry, code) => {
    if (hexOf(await sha(Uint8Array.of(0), encoder.encode(entry.leaf))) !== entry.leaf_hash) throw new Damage("leaf_changed");
    if (JSON.parse(entry.leaf).code !== code) throw new Damage("other_application", code);
  };

  const checkSeal = async (entry) => {
    const leaf = JSON.parse(entry.leaf);
    const text = encoder.encode(canonical({ payload: entry.payload, subject: entry.subject }));
    const differs = Object.keys(leaf.open).filter((name) => canonical(leaf.open[name]) !== canonical(entry.payload[name] ?? null));
    if (hexOf(await sha(text)) !== entry.digest) throw new Damage("value_changed", differs.join(", "));
    if (hexOf(await sha(bytesOf(entry.salt), text)) !== leaf.seal) throw new Damage("wrong_salt", entry.salt);
    if (differs.length) throw new Damage("public_differs", differs.join(", "));
  };

  const checkInclusion = async (entry, note) => {
    const path = entry.path.map(bytesOf);
    const inside = entry.index >= 0 && entry.index < note.size;
    const root = inside && await rootOf(bytesOf(entry.leaf_hash), entry.index, note.size, path);
    if (!root || hexOf(root) !== hexOf(note.root)) throw new Damage("not_in_log", String(entry.index));
  };

  const checkSignature = async (note) => {
    if (note.origin !== log) throw new Damage("another_log", note.origin);
    const known = new Map();
    for (const key of keys) {
      const raw = base64(key.slice(key.lastIndexOf("+", key.length - 44) + 1));
      if (raw[0] === 1) known.set(hexOf((await sha(encoder.encode(`${log}\n`), raw)).slice(0, 4)), raw.slice(1));
    }
    const ours = note.raw.filter((raw) => known.has(hexOf(raw.slice(0, 4))));
    if (!ours.length) throw new Damage("unknown_key", note.raw.map((raw) => hexOf(raw.slice(0, 4))).join(", "));
    for (const raw of ours) {
      let key;
      try {
        key = await crypto.subtle.importKey("raw", known.get(hexOf(raw.slice(0, 4))), { name: "Ed25519" }, false, ["verify"]);
      } catch { throw new Damage("browser_old"); }
      if (!await crypto.subtle.verify({ name: "Ed25519" }, key, raw.slice(4), note.text)) throw new Damage("bad_signature");
    }
  };

  const say = (code) => texts[`proof.${code}`] ?? code;
  const row = (step, damage) => {
    const line = document.createElement("li"), chip = document.createElement("span"), words = document.createElement("span");
    const unsure = damage?.code === "browser_old";
    chip.className = `chip ${!damage ? "ok" : unsure ? "wait" : "bad"}`;
    chip.textContent = `${!damage ? "✓" : unsure ? "…" : "✗"} ${say(`step.${step}`)}`;
    words.textContent = ` ${damage ? say(unsure ? "browser.old" : `damage.${damage.code}`) : say(`step.${step}.ok`)}`;
    if (damage?.where) words.textContent += ` (${damage.where})`;
    line.append(chip, words);
    return line;
  };

  const show = (title, rows) => {
    const head = document.createElement("h3"), list = document.createElement("ul");
    head.textContent = title;
    list.className = "plain findings";
    list.append(...rows);
    place.append(head, list);
  };

  const tried = async (step, check) => {
    try { await check(); return row(step, null); } catch (problem) {
      return row(step, problem instanceof Damage ? problem : new Damage("malformed"));
    }
  };

  const check = async (text) => {
    place.replaceChildren();
    place.hidden = false;
    let receipt, note;
    try {
      try { receipt = JSON.parse(text); } catch { throw new Damage("malformed"); }
      note = checkForm(receipt);
    } catch (damage) {
      show(say("browser.title"), [row("form", damage)]);
      return;
    }
    const signature = await tried("signature", () => checkSignature(note));
    show(say("browser.title"), [row("form", null), signature]);
    for (const [at, entry] of receipt.entries.entries()) {
      show(`${at + 1}. № ${entry.index}`, [
        await tried("leaf", () => checkLeaf(entry, receipt.code)),
        await tried("seal", () => checkSeal(entry)),
        await tried("inclusion", () => checkInclusion(entry, note)),
      ]);
    }
    const more = document.createElement("p");
    more.className = "small muted";
    more.textContent = say("browser.more");
    place.append(more);
    place.dataset.checked = String(receipt.entries.length);
  };

  const button = form.querySelector("[data-check-button]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const file = form.querySelector("input[type=file]").files[0];
    const text = file ? await file.text() : form.querySelector("textarea").value;
    if (text.trim()) await check(text.replace(/^\ufeff/, ""));
  });
})();
