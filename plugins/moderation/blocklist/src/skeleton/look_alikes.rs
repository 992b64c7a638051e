//! Look-alikes of Latin letters and digits, as text: for every code point of a range the character that it stands
//! for, `.` for none.
//!
//! Sources: compatibility decompositions of the Unicode Character Database
//! (NFKD without combining marks: accents, full width, mathematical
//! alphanumerics, circled and superscript letters) and the look-alikes of
//! UTS #39 for Latin, Greek, Cyrillic, Armenian and Cherokee, as far as a reader
//! takes one for the other in running text. Letters of these alphabets that
//! resemble none stay what they are.

/// First code point and what the following ones look like, in ascending order.
pub const RANGES: &[(u32, &str)] = &[
    (
        0x00A2,
        "cl.y....a.......23.u...1o.....aaaaaa.ceeeeiiii.noooooxouuuuy.baaaaaa.ceeeeiiiidnooooo.ouuu\
         uy.yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll..llnnnnnn.nnoooooo..rr\
         rrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsbbbb...ccdddd.eee.fg..iikkl.wnnooo..ppr....ttttu\
         uuvyyzz......................aaiioouuuuuuuuuueaaaa..ggggkkoooo.zj...gg..nnaa..ooaaaaeeeeii\
         iioooorrrruuuusstt..hhn...zzaaeeooooooooyy...j..acclt....b..eejj..rryy",
    ),
    (0x0250, "aa.bc.ddee.ee..jggg...h.iiilll.w.mnnno...r..rrr.r.ss....tuuvvm.yz.z......b..hj.l"),
    (0x02B0, "hhjrr..wy........................................lsx"),
    (
        0x0386,
        "a.ehi.o.y.iab..ezh.ik.mn.o.p..ty.x..iyaehiuaby.ezh.ik.uv.o.p..tu.x.wiuouw.b.yyy...........\
         ................kpcj.e...c",
    ),
    (
        0x0400,
        "ee...siij...k.y.a.b..e....k.mho.pcty.x.........ra.b..e....k.mho.pcty.x..........eeh..siij.\
         .hk.y.ww..................vvvv.........................r........kk.k....hh......cc..yy.yxx\
         ......hh.e..l..............laaaa..ee..............oooooo..yyyyyy.............d...........g\
         ............qqww",
    ),
    (0x054D, "u.s.....o...........w....q.........h....j..n...nu...g..po"),
    (0x13A0, "drt..i...yaje......w...m...h....g..z..........4b..r.ws...vs...lc..p...kd...........gb"),
    (
        0x1D00,
        "a...cd.e..jk.m.o........p..tu...vwz.........a.b.deeghijklmn.o.prtuwaaa.bdeeeeg.kmnoc..ptu.\
         wv.by..xiruvbyp.x.............h...................................c.defjg.iii.jl.lm.nnno.s\
         stuuuvvzz.z",
    ),
    (
        0x1E00,
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprr\
         rrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaaaaaa\
         aaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy",
    ),
    (
        0x1F00,
        "aaaaaaaaaaaaaaaaeeeeee..eeeeee..hhhhhhhhhhhhhhhhiiiiiiiiiiiiiiiioooooo..oooooo..uuuuuuuu.y\
         .y.y.ywwwwwwww........aaeehhiioouuww..aaaaaaaaaaaaaaaahhhhhhhhhhhhhhhhwwwwwwww........aaaa\
         a.aaaaaaa.i...hhh.hheehhh...iiii..iiiiii....uuuuppuuyyyyp.....www.wwoo",
    ),
    (0x2020, "t"),
    (0x2070, "0i..456789.....n0123456789......aeoxehklmnpst"),
    (0x20A6, "n..w..e.t..pgasc.........b"),
    (
        0x2102,
        "c....e..ghhhhhiill.n...pqrrr......z...z.kabc.eef.mo....i...y.......ddeij..................\
         ....i...v....x..lcdmi...v....x..lcdm",
    ),
    (
        0x2460,
        "123456789...........123456789...........123456789...........abcdefghijklmnopqrstuvwxyzabcd\
         efghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0",
    ),
    (0x2C65, "a......................jv"),
    (
        0xA731,
        "s.........................................................................................\
         ..........................................................................................\
         .............cfq...h",
    ),
    (0xFF10, "0123456789.......abcdefghijklmnopqrstuvwxyz......abcdefghijklmnopqrstuvwxyz"),
    (
        0x1D400,
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefg.ijkl\
         mnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyza.cd..g..jk..nopq.stuvwx\
         yzabcd.f.hijklmn.pqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab.defg..j\
         klmnopq.stuvwxy.abcdefghijklmnopqrstuvwxyzab.defg.ijklm.o...stuvwxy.abcdefghijklmnopqrstuv\
         wxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh\
         ijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst\
         uvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef\
         ghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzij..ab..ezh.ik.mn.o.p..ty.x...aby.ezh.ik.uv.\
         o.p..tu.x.w.e.k.p.ab..ezh.ik.mn.o.p..ty.x...aby.ezh.ik.uv.o.p..tu.x.w.e.k.p.ab..ezh.ik.mn.\
         o.p..ty.x...aby.ezh.ik.uv.o.p..tu.x.w.e.k.p.ab..ezh.ik.mn.o.p..ty.x...aby.ezh.ik.uv.o.p..t\
         u.x.w.e.k.p.ab..ezh.ik.mn.o.p..ty.x...aby.ezh.ik.uv.o.p..tu.x.w.e.k.p.....0123456789012345\
         6789012345678901234567890123456789",
    ),
    (
        0x1F100,
        "00123456789.....abcdefghijklmnopqrstuvwxyzscr...abcdefghijklmnopqrstuvwxyz......abcdefghij\
         klmnopqrstuvwxyz......abcdefghijklmnopqrstuvwxyz..........................................\
         ..................................................abcdefghijklmnopqrstuvwxyz",
    ),
];
