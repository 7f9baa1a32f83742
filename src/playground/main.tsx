import "./look/tokens.css";
import "./look/base.css";
import "./look/page.css";
import { render } from "preact";
import { reloadStyleSheets } from "./browser/style-sheets.ts";
import { Frame } from "./frame.tsx";
import { applyLocale } from "./i18n/locale.ts";

reloadStyleSheets();
applyLocale();
render(<Frame />, document.getElementById("app") as HTMLElement);
