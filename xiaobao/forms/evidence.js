// Evidence: shown in place, by the server's own address where there is one, else by bytes that Python sends.

const SHOWN = { image: "图片", pdf: "PDF", audio: "录音", video: "录像", text: "预览", file: "文件", link: "链接" };
const MEGA = 1048576;

/** Where the server offers a file; "" in JupyterLab, where Python itself sends it. */
function evidenceAddress(sha, how) {
  const cut = location.pathname.indexOf("/voila/");
  return cut < 0 ? "" : `${location.pathname.slice(0, cut)}/evidence/${sha}/${how}`;
}

/** Return an address of the file for the browser, or the fault in words. */
async function evidenceSource(page, file, how) {
  const address = evidenceAddress(file.sha, how);
  if (!address) return evidenceBytes(page, file, how);
  const checked = await fetch(evidenceAddress(file.sha, "check"), { credentials: "same-origin" });
  if (checked.ok) return { address };
  const told = await checked.json().catch(() => ({ fault: "打不开，请刷新页面后再试" }));
  return { fault: told.fault };
}

async function evidenceBytes(page, file, how) {
  const answer = await page.line.ask({ type: "evidence", sha: file.sha, how });
  if (answer.type !== "evidence") return { fault: (answer.faults || []).join("；") || "打不开，请刷新页面后再试" };
  const blob = new Blob([answer.buffers[0]], { type: answer.media });
  return { address: URL.createObjectURL(blob), text: how === "preview" && answer.media.startsWith("text/html") ? blob : null };
}

/** Show a file over the page; Esc and 关闭 put it away. */
async function openEvidence(page, file) {
  const how = file.way === "text" ? "preview" : "view";
  const found = file.way === "file" ? {} : await evidenceSource(page, file, how);
  const name = freshId("evidence");
  const put = () => {
    box.close();
    box.remove();
    if (found.address && found.address.startsWith("blob:")) URL.revokeObjectURL(found.address);
  };
  const body = found.fault ? banner("bad", found.fault) : await evidenceBody(file, found);
  const box = h("dialog", { class: "xf-dialog xf-viewer", "aria-labelledby": name, oncancel: put },
    h("div", { class: "xf-viewer-head" }, h("h3", { id: name }, file.name),
      found.fault ? null : button("下载", () => saveEvidence(page, file)), button("关闭", put, "primary")),
    body);
  page.root.append(box);
  box.showModal();
}

async function evidenceBody(file, found) {
  const props = { src: found.address, title: file.name };
  if (file.way === "image") return h("img", { ...props, alt: file.name });
  if (file.way === "audio") return h("audio", { ...props, controls: true });
  if (file.way === "video") return h("video", { ...props, controls: true });
  if (file.way === "pdf") return h("iframe", props);
  if (file.way !== "text") return h("p", {}, "这种文件不能在页面上显示，请下载后打开。");
  if (found.text) return h("iframe", { sandbox: "", srcdoc: await found.text.text(), title: file.name });
  return h("iframe", { ...props, sandbox: "" });
}

async function saveEvidence(page, file) {
  const found = await evidenceSource(page, file, "download");
  if (found.fault) {
    page.root.append(banner("bad", found.fault));
    return;
  }
  const link = h("a", { href: found.address, download: file.name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** One file or link as a line: a small picture where it is one, its name, what can be done with it. */
function evidenceChip(page, file, extra) {
  if (file.way === "link") {
    const web = /^https?:\/\//.test(file.url);
    return h("div", { class: "xf-file" }, h("small", {}, "链接"),
      web ? h("a", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, file.name) : h("span", {}, file.url), extra);
  }
  const small = file.way === "image" && evidenceAddress(file.sha, "thumb");
  const open = () => openEvidence(page, file);
  return h("div", { class: "xf-file" },
    small ? h("img", { class: "xf-thumb", src: small, alt: "", loading: "lazy", onerror: (event) => event.target.remove() }) : null,
    h("span", { title: file.name }, file.name), h("small", {}, `${SHOWN[file.way] || "文件"} ${fileSize(file.size)}`),
    button(file.way === "text" ? "预览" : "打开", open, "small", { "aria-label": `打开 ${file.name}` }),
    button("下载", () => saveEvidence(page, file), "small", { "aria-label": `下载 ${file.name}` }), extra);
}

/** Send a file in pieces; resolves to Python's last answer, or tells why the file cannot be taken. */
async function sendFile(page, file, limits, more) {
  if (!file.size || file.size > limits.megabytes * MEGA) {
    return { type: "refused", faults: [`“${file.name}”为空或超过 ${limits.megabytes} MB，没有上传`] };
  }
  return sendPieces(page.line, file, limits.piece, more);
}

/** A button that takes files, also from a phone's camera. */
function fileButton(title, take, props) {
  const id = freshId("file");
  const input = h("input", { id, type: "file", class: "xf-hidden-file", multiple: true, ...(props || {}), onchange: async (event) => {
    const chosen = [...event.target.files];
    event.target.value = "";
    for (const file of chosen) await take(file);
  } });
  return h("span", { class: "xf-upload-box" }, input, h("label", { for: id, class: "xf-button small" }, title));
}

/** A file of a dialog: our own words on its button, for a browser's are in the browser's language. */
function fileField(one, box) {
  const told = h("span", { class: "xf-chosen" }, "没有选择文件");
  Object.assign(box, { id: freshId("file"), className: "xf-hidden-file" });
  box.setAttribute("aria-label", one.title);
  box.addEventListener("change", () => { told.textContent = box.files.length ? box.files[0].name : "没有选择文件"; });
  return h("div", { class: "xf-field" }, h("div", {}, one.title),
    h("span", { class: "xf-upload-box" }, box, h("label", { for: box.id, class: "xf-button small" }, "选择文件"), told));
}

/**
 * Ask for several things at once; resolves to their values and the file chosen, or null when put aside. With `deliver`
 * the dialog stays until what was said is taken, so that nothing typed is lost to a refusal, and resolves to the answer.
 */
function askFields(root, title, fields, action, lines, deliver) {
  return new Promise((resolve) => {
    const boxes = new Map();
    const name = freshId("ask");
    const done = (value) => {
      dialog.remove();
      resolve(value);
    };
    const field = (one) => {
      const props = { required: one.required, maxlength: 2000, "data-field": one.key };
      const box = one.kind === "select"
        ? h("select", props, h("option", { value: "" }, "请选择"), one.options.map(([code, text]) => h("option", { value: code }, text)))
        : one.kind === "area" ? h("textarea", { ...props, rows: 3 })
          : h("input", { ...props, type: { date: "date", file: "file", number: "number" }[one.kind] || "text", accept: one.accept });
      if (one.value) box.value = one.value;
      boxes.set(one.key, box);
      return one.kind === "file" ? fileField(one, box) : h("label", {}, one.title, box);
    };
    const refuse = (faults) => {
      said.replaceChildren(...faults.map((fault) => h("li", {}, fault)));
      said.scrollIntoView({ block: "nearest" });
    };
    const send = async (event) => {
      event.preventDefault();
      const missing = fields.filter((one) => one.required && !boxes.get(one.key).value.trim());
      if (missing.length) {
        refuse([`请填写：${missing.map((one) => one.title).join("、")}`]);
        boxes.get(missing[0].key).focus();
        return;
      }
      const values = {};
      let file = null;
      for (const [key, box] of boxes) {
        if (box.type === "file") [file] = box.files;
        else values[key] = box.value;
      }
      if (!deliver) return done({ values, file });
      said.replaceChildren();
      press.disabled = true;
      const answer = await deliver({ values, file });
      press.disabled = false;
      if (answer.type === "refused") refuse(answer.faults);
      else done(answer);
    };
    const said = h("ul", { class: "xf-refused", role: "alert" });
    const press = h("button", { type: "submit", class: "xf-button primary" }, action);
    const dialog = h("dialog", { class: fields.length > 8 ? "xf-dialog xf-wide" : "xf-dialog", "aria-labelledby": name, oncancel: () => done(null) },
      h("form", { onsubmit: send, novalidate: true }, h("h3", { id: name }, title),
        (lines || []).map((line) => h("p", {}, line)), h("div", { class: "xf-fields" }, fields.map(field)), said,
        h("div", { class: "xf-dialog-buttons" }, button("取消", () => done(null)), press)));
    root.append(dialog);
    dialog.showModal();
  });
}
