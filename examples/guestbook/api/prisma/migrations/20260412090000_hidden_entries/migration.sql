-- AlterTable
ALTER TABLE "entries" ADD COLUMN     "hidden_at" TIMESTAMP(3);

-- CreateIndex
CREATE INDEX "entries_hidden_at_created_at_idx" ON "entries"("hidden_at", "created_at");
