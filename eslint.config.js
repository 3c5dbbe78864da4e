import js from "@eslint/js";
import globals from "globals";

const RULES = {
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "max-len": ["error", { code: 120, ignoreStrings: true, ignoreUrls: true }],
  "max-lines": ["error", 400],
  "no-implicit-globals": "error",
  "no-shadow": ["error", { builtinGlobals: false, hoist: "functions", allow: ["held", "t"] }],
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  "no-var": "error",
  "object-shorthand": "error",
  "one-var": ["error", "never"],
  "prefer-const": "error",
};

export default [
  { ignores: ["**/node_modules/", "**/.venv/", "build/", "var/"] },
  js.configs.recommended,
  {
    files: ["assets/page/**/*.js"],
    languageOptions: { sourceType: "module", globals: globals.browser },
    rules: RULES,
  },
  {
    files: ["assets/bridge.js"],
    languageOptions: { sourceType: "script", globals: globals.browser },
    rules: RULES,
  },
  {
    files: ["tests/browser_units/*.mjs", "*.config.js"],
    languageOptions: { sourceType: "module", globals: globals.node },
    rules: RULES,
  },
];
