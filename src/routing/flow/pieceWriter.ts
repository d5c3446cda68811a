/** Writes an arc's pieces one after the other, each cut to what the arc has room for. One object serves all arcs of a search. */
export class PieceWriter {
  /** pieces written */
  pieces = 0;
  #capacity: Float64Array = new Float64Array(0);
  #unitCost: Float64Array = new Float64Array(0);
  #at = 0;
  #room = 0;

  /** Begins an arc whose pieces are written from `at` on. @param room units that it carries at most */
  begin(capacity: Float64Array, unitCost: Float64Array, at: number, room: number): void {
    this.pieces = 0;
    this.#capacity = capacity;
    this.#unitCost = unitCost;
    this.#at = at;
    this.#room = Math.floor(room);
  }

  /** Adds a piece of whole units; none where nothing fits. Costs must not fall from piece to piece. */
  add(units: number, unitCost: number): void {
    const taken = Math.min(Math.floor(units), this.#room);
    if (taken <= 0) return;
    this.#room -= taken;
    this.#capacity[this.#at + this.pieces] = taken;
    this.#unitCost[this.#at + this.pieces] = unitCost;
    this.pieces++;
  }
}
