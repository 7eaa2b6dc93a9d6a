export default { root: "src", output: "framework", title: "", globalStylesheets: [], pager: false, search: false, footer: "" };
