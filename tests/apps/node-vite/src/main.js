import { nanoid } from "nanoid";

document.getElementById("said").textContent = nanoid();
