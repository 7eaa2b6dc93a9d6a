// A page of xiaobao (a notebook marked so) is run when JupyterLab opens it, if it is trusted, on the quick kernel.
// Written by hand as the container that JupyterLab loads: it shares Lab's own modules and brings none.
(() => {
  let shared = {};

  /** Return a module of Lab's by name, in the one version that it shares. */
  const lab = async (name) => {
    const versions = Object.values(shared[name] || {});
    return (await versions[0].get())();
  };

  const trusted = (panel) => {
    const { cells } = panel.content.model;
    return Array.from({ length: cells.length }, (_, n) => cells.get(n)).every((cell) => cell.type !== "code" || cell.trusted);
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
    await actions.runAll(panel.content, panel.sessionContext);
    panel.content.deselectAll();
    panel.context.model.dirty = false; // what it shows is in the workspace: there is nothing to save in the notebook
  };

  /** A page shows what it is for: no code, no tools for cells. */
  const style = document.createElement("style");
  style.textContent = `
    .xiaobao-page .jp-CodeCell .jp-Cell-inputWrapper, .xiaobao-page .jp-OutputPrompt, .xiaobao-page .jp-Collapser,
    .xiaobao-page > .jp-Toolbar, .xiaobao-page .jp-cell-toolbar, .xiaobao-page .jp-Notebook-footer { display: none !important; }
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
        activate: (_, tracker) => {
          tracker.widgetAdded.connect((__, panel) => open(NotebookActions, panel));
          tracker.forEach((panel) => open(NotebookActions, panel));
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
