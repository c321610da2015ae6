/** Opens the palette from anywhere in the frame, without drawing the frame anew. */
export type Offer = "all" | "projects";

type Change = (open: Offer | null) => Offer | null;

let listener: ((change: Change) => void) | null = null;

/** Hears of every change. Returns the way to stop. */
export function onPaletteOffer(listen: (change: Change) => void): () => void {
  listener = listen;
  return () => {
    listener = null;
  };
}

export const offerPalette = (offer: Offer) => listener?.(() => offer);

/** Opens it with all there is, or closes it. */
export const togglePalette = () => listener?.((open) => (open ? null : "all"));
