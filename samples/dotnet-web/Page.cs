namespace Togglr.Samples.Web;

internal static class Page
{
    public const string Html = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Togglr sample</title>
          <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
            body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
            table { width: 100%; border-collapse: collapse; }
            th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
            td.value { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
            tr.changed td { animation: flash 2s ease-out; }
            @keyframes flash { from { background: #fd08; } }
            @media (prefers-reduced-motion: reduce) { tr.changed td { animation: none; outline: 1px solid #d90; } }
          </style>
        </head>
        <body>
          <h1>Flags, live</h1>
          <p>Evaluated in this application for <label>user <input id="user" value="user-1" size="12"></label>.
             Change a flag in Togglr and watch. <span id="state" role="status"></span></p>
          <table>
            <thead><tr><th scope="col">Flag</th><th scope="col">Value</th><th scope="col">Variant</th><th scope="col">Reason</th></tr></thead>
            <tbody id="flags"></tbody>
          </table>
          <script>
            const body = document.getElementById("flags"), state = document.getElementById("state"), user = document.getElementById("user");
            let source, shown = {};
            function show(answer) {
              const rows = Object.entries(answer.flags).sort(([a], [b]) => a < b ? -1 : 1).map(([key, flag]) => {
                const row = document.createElement("tr"), text = JSON.stringify(flag.value);
                row.dataset.flag = key;
                if (key in shown && shown[key] !== text) row.className = "changed";
                shown[key] = text;
                for (const [cell, kind] of [[key, ""], [text ?? "–", "value"], [flag.variant ?? "–", ""], [flag.reason, ""]]) {
                  const td = document.createElement("td");
                  td.textContent = cell;
                  td.className = kind;
                  row.append(td);
                }
                return row;
              });
              body.replaceChildren(...rows);
              state.textContent = `Revision ${answer.revision}.`;
            }
            function follow() {
              source?.close();
              shown = {};
              source = new EventSource("/live?user=" + encodeURIComponent(user.value));
              source.addEventListener("flags", event => show(JSON.parse(event.data)));
              source.onerror = () => { state.textContent = "Reconnecting…"; };
            }
            user.addEventListener("change", follow);
            follow();
          </script>
        </body>
        </html>
        """;
}
