import "./frame.css";
import { useComputed } from "@preact/signals";
import { token } from "./browser/access.ts";
import { chooseTheme, theme, themes } from "./browser/theme.ts";
import { chooseLocale, locale, localeNames, locales } from "./i18n/locale.ts";
import { matchRoute } from "./match-route.ts";
import { messages } from "./messages.ts";
import { path } from "./router.ts";
import { routes, sections } from "./routes.ts";
import { SignIn } from "./sign-in.tsx";
import { Announcer } from "./ui/announce.tsx";
import { Choice } from "./ui/choice.tsx";
import { Icon, Mark } from "./ui/icon.tsx";
import { PagePart } from "./ui/page-part.tsx";

/** The page around the views: name, navigation, documentation, language and theme. */
export function Frame() {
  const text = messages.value;
  const matched = useComputed(() => matchRoute(routes, path.value));
  const section = matched.value?.route.section;
  return (
    <>
      <button type="button" class="skip-link" onClick={skipToMain}>
        {text.skip}
      </button>
      <header class="frame-bar">
        <a class="frame-name" href="#/">
          <Mark />
          varve
        </a>
        <nav class="frame-sections" aria-label={text.navigation}>
          {sections.map(({ name, address }) => (
            <a key={name} href={address} aria-current={name === section ? "page" : undefined}>
              {text.sections[name]}
            </a>
          ))}
        </nav>
        <div class="frame-settings">
          <a class="frame-docs" href="/docs">
            {text.docs}
          </a>
          <Choice
            label={text.language}
            icon="language"
            value={locale.value}
            options={locales.map((tag) => ({ value: tag, text: localeNames[tag], lang: tag }))}
            onChoose={chooseLocale}
          />
          <Choice
            label={text.theme}
            icon="theme"
            value={theme.value}
            options={themes.map((name) => ({ value: name, text: text.themes[name] }))}
            onChoose={chooseTheme}
          />
        </div>
      </header>
      <SignIn />
      <main id="main" tabIndex={-1} key={token.value}>
        {matched.value === undefined ? (
          <NotFound />
        ) : (
          <PagePart load={matched.value.route.load} props={{ params: matched.value.params }} />
        )}
      </main>
      <Announcer />
    </>
  );
}

/** Moves the focus. A link could not: the fragment of the address is the path of the view. */
function skipToMain(): void {
  document.getElementById("main")?.focus();
}

function NotFound() {
  const text = messages.value;
  return (
    <div class="frame-message">
      <Icon name="question" />
      <h1>{text.notFound}</h1>
      <p class="soft">{text.notFoundHint}</p>
      <p>
        <a href="#/">{text.home}</a>
      </p>
    </div>
  );
}
