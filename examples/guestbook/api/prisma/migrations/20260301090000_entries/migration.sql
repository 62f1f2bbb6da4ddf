-- CreateTable
CREATE TABLE "entries" (
    "id" SERIAL NOT NULL,
    "name" VARCHAR(60) NOT NULL,
    "message" VARCHAR(500) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "entries_pkey" PRIMARY KEY ("id")
);
