import { show } from "./src/draw.js";
import told from "./src/rows.json";

show(told, document.body);
