/* What Dash's renderer calls by name, before the page's modules (page/main.js) have come: values are held until they
   take over. A classic script, because the renderer does not wait for modules. */
(function () {
  "use strict";
  const early = [];
  let hand = (name, value) => early.push([name, value]);
  const taker = (name) => (value) => {
    hand(name, value);
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    knockon: {
      scenario: taker("scenario"),
      picture: taker("picture"),
      beside: taker("beside"),
      message: taker("message"),
      selection: taker("selection"),
      /** Hand on to these functions from now on, and first what came early. */
      connect(handlers) {
        hand = (name, value) => handlers[name](value);
        for (const [name, value] of early.splice(0)) hand(name, value);
      },
      /** What cells of grids ask for; there are no rows before there are modules. */
      cells: {},
    },
  });

  const { cells } = window.dash_clientside.knockon;
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  components.KnockonState = (props) => cells.stateCell(props);
  functions.knockonNumber = (value) => cells.whole(value);
  functions.knockonShort = (value) => cells.short(value);
})();
