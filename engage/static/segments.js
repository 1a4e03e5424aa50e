// Counts the texts that an answer is paid as while it is typed, as engage/texting.py does (3GPP TS 23.038 and 23.040).
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const DOUBLE = "\f^{}\\[~]|€";
const PLAIN = { "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\xa0": " ", "\u202f": " " };

function segments(text) {
  const characters = [...text];
  if (!characters.length) return 0;
  const simple = characters.every((one) => BASIC.includes(one) || DOUBLE.includes(one));
  const [single, part] = simple ? [160, 153] : [70, 67];
  const width = (one) => (simple ? (DOUBLE.includes(one) ? 2 : 1) : one.length);
  let [parts, filled, total] = [1, 0, 0];
  for (const one of characters) {
    total += width(one);
    if (filled + width(one) > part) [parts, filled] = [parts + 1, 0];
    filled += width(one);
  }
  return total <= single ? 1 : parts;
}

function sent(text) {
  const plain = [...text].map((one) => PLAIN[one] ?? one).join("");
  return segments(plain) < segments(text) ? plain : text;
}

function told(text, said) {
  const fits = segments(text) <= Number(said.most) && [...text].length <= Number(said.characters);
  return fits ? said.counted.replace("{n}", segments(sent(text))) : said.long;
}

for (const said of document.querySelectorAll("[data-counted]")) {
  const box = document.getElementById(said.dataset.of);
  const show = () => (said.textContent = told(box.value, said.dataset));
  box.addEventListener("input", show);
  show();
}
