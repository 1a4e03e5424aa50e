// Looks for answers every few seconds while the page is seen. What is being typed stays; without this script a button does it.
const chat = document.getElementById("chat");
const seconds = Number(chat.dataset.again);
document.getElementById("last")?.scrollIntoView({ block: "nearest" });

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("chat");
  if (!fresh || fresh.children.length <= chat.children.length) return;
  for (const item of [...fresh.children].slice(chat.children.length)) chat.append(item);
  chat.lastElementChild.scrollIntoView({ block: "nearest" });
}

setInterval(() => look().catch(() => {}), seconds * 1000);
