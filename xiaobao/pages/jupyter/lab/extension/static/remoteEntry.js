// A page of xiaobao (a notebook marked so) is run when JupyterLab opens it, if it is trusted, on the quick kernel. Its
// links and pickers lead from page to page, as they do on the server. Written by hand as the container that JupyterLab
// loads: it shares Lab's own modules and brings none.
(() => {
  let shared = {};

  /** Return a module of Lab's by name, in the one version that it shares. */
  const lab = async (name) => {
    const versions = Object.values(shared[name] || {});
    return (await versions[0].get())();
  };

  /** What a page is asked for by the link, picker or address that led to it: path → { query, place }. */
  const asked = new Map();
  const [, opened] = location.pathname.split("/tree/");
  if (opened) asked.set(decodeURIComponent(opened), { query: location.search.slice(1), place: "" });

  const trusted = (panel) => {
    const { cells } = panel.content.model;
    return Array.from({ length: cells.length }, (_, n) => cells.get(n)).every((cell) => cell.type !== "code" || cell.trusted);
  };

  const run = async (actions, panel) => {
    const { query, place } = asked.get(panel.context.path) || { query: "", place: "" };
    const code = `import os; os.environ["XIAOBAO_PAGE_QUERY"] = f"{os.getpid()} " + ${JSON.stringify(query)}`;
    await panel.sessionContext.session?.kernel?.requestExecute({ code, silent: true, store_history: false }).done;
    await actions.runAll(panel.content, panel.sessionContext);
    panel.content.deselectAll();
    panel.context.model.dirty = false; // what it shows is in the workspace: there is nothing to save in the notebook
    if (place) panel.node.querySelector(`[id="${CSS.escape(place)}"]`)?.scrollIntoView();
  };

  const open = async (actions, panel) => {
    await panel.context.ready;
    if (!panel.content.model.getMetadata("xiaobao")?.page || !trusted(panel)) return;
    await panel.sessionContext.ready;
    const quick = panel.sessionContext.specsManager.specs?.kernelspecs?.xiaobao;
    if (quick && panel.sessionContext.session?.kernel?.name !== "xiaobao") {
      await panel.sessionContext.changeKernel({ name: "xiaobao" });
    }
    panel.addClass("xiaobao-page");
    await run(actions, panel);
  };

  /** Follow links and pickers of pages here: left to themselves they would fetch the file of a notebook. */
  const follow = (app, tracker, actions) => {
    const go = async (event, element, address, fields) => {
      const url = new URL(address, location.href);
      const name = decodeURIComponent(url.pathname).split("/").pop();
      const from = tracker.find((panel) => panel.node.contains(element));
      if (!from || url.origin !== location.origin || !name.endsWith(".ipynb")) return;
      event.preventDefault();
      event.stopPropagation();
      const query = fields || url.searchParams;
      query.delete("_xsrf");
      const path = from.context.path.replace(/[^/]*$/, "") + name;
      asked.set(path, { query: query.toString(), place: decodeURIComponent(url.hash.slice(1)) });
      const known = tracker.find((panel) => panel.context.path === path);
      if (!known) return void (await app.commands.execute("docmanager:open", { path }));
      app.shell.activateById(known.id);
      await run(actions, known);
    };
    const within = (event, what) => event.target.closest?.(`.xiaobao-page ${what}`);
    document.addEventListener("click", (event) => {
      const link = within(event, "a[href]");
      if (link && !link.getAttribute("href").startsWith("#")) go(event, link, link.href); // a place of this page needs no run
    }, true);
    document.addEventListener("submit", (event) => {
      const form = within(event, "form[action]");
      if (form) go(event, form, form.action, new URLSearchParams(new FormData(form)));
    }, true);
  };

  /** A page shows what it is for: no code, no tools for cells, nothing laid over its left edge. */
  const style = document.createElement("style");
  style.textContent = `
    .xiaobao-page .jp-CodeCell .jp-Cell-inputWrapper, .xiaobao-page .jp-OutputPrompt, .xiaobao-page .jp-Collapser,
    .xiaobao-page .jp-OutputArea-promptOverlay, .xiaobao-page > .jp-Toolbar, .xiaobao-page .jp-cell-toolbar,
    .xiaobao-page .jp-Notebook-footer { display: none !important; }
    .xiaobao-page .jp-Cell { padding: 0 8px; border: 0; }
  `;
  document.head.append(style);

  const extension = async () => {
    const { INotebookTracker, NotebookActions } = await lab("@jupyterlab/notebook");
    return {
      __esModule: true,
      default: {
        id: "xiaobao:pages",
        autoStart: true,
        requires: [INotebookTracker],
        activate: (app, tracker) => {
          tracker.widgetAdded.connect((_, panel) => open(NotebookActions, panel));
          tracker.forEach((panel) => open(NotebookActions, panel));
          follow(app, tracker, NotebookActions);
        },
      },
    };
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.xiaobao = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const made = await extension();
      return () => made;
    },
  };
})();
