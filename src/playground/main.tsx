import "./look/tokens.css";
import "./look/base.css";
import "./look/page.css";
import { render } from "preact";
import { Frame } from "./frame.tsx";
import { tellLocale } from "./i18n/locale.ts";

tellLocale();
render(<Frame />, document.getElementById("app") as HTMLElement);
