const plain = text => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/’/g, "'").toLowerCase();
const rows = [...document.querySelectorAll("tr[data-text]")].map(row => ({ row, text: plain(row.dataset.text) }));
document.getElementById("search").addEventListener("input", event => {
  const words = plain(event.target.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { row, text } of rows) {
    row.hidden = !words.every(word => text.includes(word));
    found += !row.hidden;
  }
  for (const axis of document.querySelectorAll(".axis")) axis.hidden = !axis.querySelector("tr[data-text]:not([hidden])");
  document.getElementById("found").textContent = words.length ? `${found} sur ${rows.length}` : "";
});
