/* What the type checker (tsc) is told of things that are not modules of ours. Nothing of it reaches a browser. */

interface Window {
  React: any;
  Plotly: any;
  maplibregl: any;
  dash_ag_grid: any;
  dash_clientside: any;
  knockon: any;
}

declare var knockon: any;

interface Uint8ArrayConstructor {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

/* What kind of element an id or a selector finds is the document's affair. */
interface EventTarget {
  [property: string]: any;
}
