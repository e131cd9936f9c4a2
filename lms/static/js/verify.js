// Compares a PDF with the hash the school keeps. The file is read here and goes nowhere.

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

for (const place of document.querySelectorAll("[data-verify]")) {
  const says = place.querySelector("[role=status]");
  place.querySelector("input[type=file]").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    says.className = "drop-says";
    says.textContent = place.dataset.reading;
    try {
      const same = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) === place.dataset.sha256.toLowerCase();
      says.textContent = same ? place.dataset.same : place.dataset.other;
      says.classList.add(same ? "same" : "other");
    } catch {
      says.textContent = place.dataset.unable; // no crypto.subtle without https, or the file cannot be read
    }
  });
}
