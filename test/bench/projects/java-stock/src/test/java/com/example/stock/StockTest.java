package com.example.stock;

public final class StockTest {
    public static void main(String[] args) {
        var stock = new Stock();
        assert stock.change("nail", 5) == 5;
        assert stock.change("nail", -2) == 3;
        assert stock.level("screw") == 0;
        assert stock.json().equals("{\"nail\":3}");
        try {
            stock.change("nail", -4);
            assert false : "took more than there is";
        } catch (IllegalArgumentException expected) {
            assert stock.level("nail") == 3;
        }
    }
}
